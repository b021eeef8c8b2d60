// A C interface over libtorch: what the managed subset calls. A tensor handle is an at::Tensor on the heap, owned by the caller.
// No exception crosses the boundary: a function that fails returns null or -1, and lst_last_error says why.
#include "Boundary.h"
#include "Optimizers.h"

LST_EXPORT const char* lst_last_error() { return last_error.c_str(); }

// ---- tensors come and go

LST_EXPORT void lst_dispose(Tensor* t) { delete t; }
LST_EXPORT Tensor* lst_empty(const int64_t* size, int32_t count, int8_t dtype) {
    return make([&] { return at::empty(dimensions(size, count), options(dtype)); });
}
LST_EXPORT Tensor* lst_full(const int64_t* size, int32_t count, int32_t kind, int64_t bits, int8_t dtype) {
    return make([&] { return at::full(dimensions(size, count), scalar(kind, bits), options(dtype)); });
}
LST_EXPORT Tensor* lst_rand(const int64_t* size, int32_t count, const at::Generator* generator, int8_t dtype) {
    return make([&] { return at::rand(dimensions(size, count), generator_or_default(generator), options(dtype)); });
}
LST_EXPORT Tensor* lst_randn(const int64_t* size, int32_t count, const at::Generator* generator, int8_t dtype) {
    return make([&] { return at::randn(dimensions(size, count), generator_or_default(generator), options(dtype)); });
}
// A view of memory that the caller owns: release(owner) is called once, when the last tensor over it is gone or if there will be none.
LST_EXPORT Tensor* lst_from_memory(void* data, const int64_t* size, int32_t count, int8_t dtype, void (*release)(void*), void* owner) {
    return make([&] {
        std::shared_ptr<void> owned(owner, release);
        return at::from_blob(data, dimensions(size, count), [owned](void*) {}, options(dtype));
    });
}

// ---- what a tensor is; these cannot fail on a live handle

LST_EXPORT int64_t lst_dim(const Tensor* t) { return t->dim(); }
LST_EXPORT int64_t lst_numel(const Tensor* t) { return t->numel(); }
LST_EXPORT int8_t lst_dtype(const Tensor* t) { return static_cast<int8_t>(t->scalar_type()); }
LST_EXPORT int64_t lst_element_size(const Tensor* t) { return static_cast<int64_t>(t->element_size()); }
LST_EXPORT uint8_t lst_is_contiguous(const Tensor* t) { return t->is_contiguous(); }
LST_EXPORT uint8_t lst_is_leaf(const Tensor* t) { return t->is_leaf(); }
LST_EXPORT uint8_t lst_requires_grad(const Tensor* t) { return t->requires_grad(); }
LST_EXPORT void* lst_data(const Tensor* t) { return t->data_ptr(); }
LST_EXPORT void lst_sizes(const Tensor* t, int64_t* sizes) { std::copy(t->sizes().begin(), t->sizes().end(), sizes); }
LST_EXPORT void lst_strides(const Tensor* t, int64_t* strides) { std::copy(t->strides().begin(), t->strides().end(), strides); }

// ---- autograd

LST_EXPORT int32_t lst_set_requires_grad(Tensor* t, uint8_t value) { return run([&] { t->set_requires_grad(value != 0); }); }
LST_EXPORT int32_t lst_backward(Tensor* t) { return run([&] { t->backward(); }); }
LST_EXPORT Tensor* lst_grad(const Tensor* t) { return make([&] { return t->grad(); }); }
LST_EXPORT int32_t lst_set_grad(Tensor* t, const Tensor* grad) { return run([&] { t->mutable_grad() = grad ? *grad : Tensor(); }); }
LST_EXPORT int32_t lst_zero_grad(Tensor* t) {
    return run([&] {
        auto& grad = t->mutable_grad();
        if (!grad.defined()) return;
        if (grad.grad_fn()) grad.detach_();
        else grad.set_requires_grad(false);
        grad.zero_();
    });
}
LST_EXPORT Tensor* lst_detach(const Tensor* t) { return make([&] { return t->detach(); }); }
LST_EXPORT uint8_t lst_is_grad_enabled() { return at::GradMode::is_enabled(); }
LST_EXPORT void lst_set_grad_enabled(uint8_t enabled) { at::GradMode::set_enabled(enabled != 0); }
LST_EXPORT c10::InferenceMode* lst_inference_mode(uint8_t enabled) { return new c10::InferenceMode(enabled != 0); }
LST_EXPORT void lst_end_inference_mode(c10::InferenceMode* mode) { delete mode; }
LST_EXPORT uint8_t lst_is_inference_mode_enabled() { return c10::InferenceMode::is_enabled(); }

// ---- views and copies

LST_EXPORT Tensor* lst_narrow(const Tensor* t, int64_t dim, int64_t start, int64_t length) {
    return make([&] { return t->narrow(dim, start, length); });
}
LST_EXPORT Tensor* lst_view(const Tensor* t, const int64_t* shape, int32_t count) {
    return make([&] { return t->view(dimensions(shape, count)); });
}
LST_EXPORT Tensor* lst_reshape(const Tensor* t, const int64_t* shape, int32_t count) {
    return make([&] { return t->reshape(dimensions(shape, count)); });
}
LST_EXPORT Tensor* lst_transpose(const Tensor* t, int64_t dim0, int64_t dim1) { return make([&] { return t->transpose(dim0, dim1); }); }
LST_EXPORT Tensor* lst_t(const Tensor* t) { return make([&] { return t->t(); }); }
LST_EXPORT Tensor* lst_permute(const Tensor* t, const int64_t* order, int32_t count) {
    return make([&] { return t->permute(dimensions(order, count)); });
}
LST_EXPORT Tensor* lst_unsqueeze(const Tensor* t, int64_t dim) { return make([&] { return t->unsqueeze(dim); }); }
LST_EXPORT Tensor* lst_squeeze(const Tensor* t) { return make([&] { return t->squeeze(); }); }
LST_EXPORT Tensor* lst_squeeze_dim(const Tensor* t, int64_t dim) { return make([&] { return t->squeeze(dim); }); }
LST_EXPORT Tensor* lst_index_select(const Tensor* t, int64_t dim, const Tensor* index) {
    return make([&] { return t->index_select(dim, *index); });
}
LST_EXPORT Tensor* lst_index_add(const Tensor* t, int64_t dim, const Tensor* index, const Tensor* source, int32_t kind, int64_t bits) {
    return make([&] { return t->index_add(dim, *index, *source, scalar(kind, bits)); });
}
LST_EXPORT int32_t lst_index_add_(Tensor* t, int64_t dim, const Tensor* index, const Tensor* source, int32_t kind, int64_t bits) {
    return run([&] { t->index_add_(dim, *index, *source, scalar(kind, bits)); });
}
LST_EXPORT Tensor* lst_alias(const Tensor* t) { return make([&] { return *t; }); }
LST_EXPORT Tensor* lst_clone(const Tensor* t) { return make([&] { return t->clone(); }); }
LST_EXPORT Tensor* lst_contiguous(const Tensor* t) { return make([&] { return t->contiguous(); }); }
LST_EXPORT Tensor* lst_to_type(const Tensor* t, int8_t dtype, uint8_t non_blocking, uint8_t copy) {
    return make([&] { return t->to(static_cast<at::ScalarType>(dtype), non_blocking != 0, copy != 0); });
}
LST_EXPORT int32_t lst_copy_(Tensor* t, const Tensor* source, uint8_t non_blocking) {
    return run([&] { t->copy_(*source, non_blocking != 0); });
}
LST_EXPORT int32_t lst_zero_(Tensor* t) { return run([&] { t->zero_(); }); }
LST_EXPORT int32_t lst_fill_(Tensor* t, int32_t kind, int64_t bits) { return run([&] { t->fill_(scalar(kind, bits)); }); }
LST_EXPORT int32_t lst_uniform_(Tensor* t, double from, double to) { return run([&] { at::NoGradGuard none; t->uniform_(from, to); }); }

// ---- arithmetic

#define UNARY(name) \
    LST_EXPORT Tensor* lst_##name(const Tensor* t) { return make([&] { return t->name(); }); }
#define UNARY_(name) \
    LST_EXPORT int32_t lst_##name(Tensor* t) { return run([&] { t->name(); }); }
#define BINARY(name) \
    LST_EXPORT Tensor* lst_##name(const Tensor* a, const Tensor* b) { return make([&] { return a->name(*b); }); }
#define BINARY_(name) \
    LST_EXPORT int32_t lst_##name(Tensor* a, const Tensor* b) { return run([&] { a->name(*b); }); }
#define SCALAR(name) \
    LST_EXPORT Tensor* lst_##name##_scalar(const Tensor* a, int32_t kind, int64_t bits) { \
        return make([&] { return a->name(scalar(kind, bits)); }); \
    }
#define SCALAR_(name) \
    LST_EXPORT int32_t lst_##name##scalar_(Tensor* a, int32_t kind, int64_t bits) { \
        return run([&] { a->name(scalar(kind, bits)); }); \
    }

UNARY(neg) UNARY(abs) UNARY(sign) UNARY(square) UNARY(sqrt)
UNARY_(neg_) UNARY_(abs_) UNARY_(sign_) UNARY_(sqrt_)
BINARY(sub) BINARY(mul) BINARY(pow) BINARY(eq) BINARY(ne) BINARY(mm) BINARY(mv) BINARY(matmul) BINARY(dot)
BINARY_(sub_) BINARY_(mul_) BINARY_(pow_)
SCALAR(sub) SCALAR(mul) SCALAR(pow) SCALAR(eq) SCALAR(ne)
SCALAR_(sub_) SCALAR_(pow_)

LST_EXPORT int32_t lst_mul_scalar_(Tensor* a, int32_t kind, int64_t bits) { return run([&] { multiply(*a, scalar(kind, bits)); }); }
LST_EXPORT Tensor* lst_rsub_scalar(const Tensor* a, int32_t kind, int64_t bits) {
    return make([&] { return at::rsub(*a, scalar(kind, bits)); });
}
LST_EXPORT Tensor* lst_rdiv_scalar(const Tensor* a, int32_t kind, int64_t bits) {
    return make([&] { return a->reciprocal().mul(scalar(kind, bits)); });
}
LST_EXPORT Tensor* lst_add(const Tensor* a, const Tensor* b, int32_t kind, int64_t bits) {
    return make([&] { return a->add(*b, scalar(kind, bits)); });
}
LST_EXPORT int32_t lst_add_(Tensor* a, const Tensor* b, int32_t kind, int64_t bits) {
    return run([&] { a->add_(*b, scalar(kind, bits)); });
}
LST_EXPORT Tensor* lst_add_scalar(const Tensor* a, int32_t kind, int64_t bits, int32_t alpha_kind, int64_t alpha_bits) {
    return make([&] { return a->add(scalar(kind, bits), scalar(alpha_kind, alpha_bits)); });
}
LST_EXPORT int32_t lst_add_scalar_(Tensor* a, int32_t kind, int64_t bits, int32_t alpha_kind, int64_t alpha_bits) {
    return run([&] { a->add_(scalar(kind, bits), scalar(alpha_kind, alpha_bits)); });
}
LST_EXPORT Tensor* lst_div(const Tensor* a, const Tensor* b, int32_t mode) { return make([&] { return a->div(*b, rounding(mode)); }); }
LST_EXPORT int32_t lst_div_(Tensor* a, const Tensor* b, int32_t mode) { return run([&] { a->div_(*b, rounding(mode)); }); }
LST_EXPORT Tensor* lst_div_scalar(const Tensor* a, int32_t kind, int64_t bits, int32_t mode) {
    return make([&] { return a->div(scalar(kind, bits), rounding(mode)); });
}
LST_EXPORT int32_t lst_div_scalar_(Tensor* a, int32_t kind, int64_t bits, int32_t mode) {
    return run([&] { a->div_(scalar(kind, bits), rounding(mode)); });
}

LST_EXPORT Tensor* lst_clamp(const Tensor* t, int32_t min_kind, int64_t min_bits, int32_t max_kind, int64_t max_bits) {
    return make([&] { return t->clamp(scalar_or_none(min_kind, min_bits), scalar_or_none(max_kind, max_bits)); });
}
LST_EXPORT int32_t lst_clamp_(Tensor* t, int32_t min_kind, int64_t min_bits, int32_t max_kind, int64_t max_bits) {
    return run([&] { t->clamp_(scalar_or_none(min_kind, min_bits), scalar_or_none(max_kind, max_bits)); });
}

LST_EXPORT Tensor* lst_addmm(const Tensor* t, const Tensor* a, const Tensor* b, float beta, float alpha) {
    return make([&] { return t->addmm(*a, *b, beta, alpha); });
}
LST_EXPORT int32_t lst_addmm_(Tensor* t, const Tensor* a, const Tensor* b, float beta, float alpha) {
    return run([&] { t->addmm_(*a, *b, beta, alpha); });
}
LST_EXPORT Tensor* lst_addmv(const Tensor* t, const Tensor* a, const Tensor* b, float beta, float alpha) {
    return make([&] { return t->addmv(*a, *b, beta, alpha); });
}
LST_EXPORT int32_t lst_addmv_(Tensor* t, const Tensor* a, const Tensor* b, float beta, float alpha) {
    return run([&] { t->addmv_(*a, *b, beta, alpha); });
}
LST_EXPORT Tensor* lst_linear(const Tensor* input, const Tensor* weight, const Tensor* bias) {
    return make([&] { return bias ? at::linear(*input, *weight, *bias) : at::linear(*input, *weight); });
}

LST_EXPORT Tensor* lst_sum(const Tensor* t, int32_t dtype) { return make([&] { return t->sum(type_or_none(dtype)); }); }
LST_EXPORT Tensor* lst_sum_dim(const Tensor* t, const int64_t* dim, int32_t count, uint8_t keep, int32_t dtype) {
    return make([&] { return t->sum(dimensions(dim, count), keep != 0, type_or_none(dtype)); });
}
LST_EXPORT Tensor* lst_mean(const Tensor* t) { return make([&] { return t->mean(); }); }
LST_EXPORT Tensor* lst_mean_dim(const Tensor* t, const int64_t* dim, int32_t count, uint8_t keep, int32_t dtype) {
    return make([&] { return t->mean(dimensions(dim, count), keep != 0, type_or_none(dtype)); });
}
LST_EXPORT Tensor* lst_norm(const Tensor* t, float p) { return make([&] { return t->norm(p); }); }
LST_EXPORT Tensor* lst_norm_dim(const Tensor* t, int64_t dim, uint8_t keep, float p) {
    return make([&] { return t->norm(at::Scalar(p), {dim}, keep != 0); });
}
LST_EXPORT Tensor* lst_softmax(const Tensor* t, int64_t dim, int32_t dtype) {
    return make([&] { return t->softmax(dim, type_or_none(dtype)); });
}
LST_EXPORT Tensor* lst_log_softmax(const Tensor* t, int64_t dim, int32_t dtype) {
    return make([&] { return t->log_softmax(dim, type_or_none(dtype)); });
}
LST_EXPORT Tensor* lst_mse_loss(const Tensor* input, const Tensor* target, int64_t reduction) {
    return make([&] { return at::mse_loss(*input, *target, reduction); });
}
LST_EXPORT int32_t lst_allclose(const Tensor* a, const Tensor* b, double rtol, double atol, uint8_t equal_nan) {
    int32_t result = -1;
    guarded([&] { result = a->allclose(*b, rtol, atol, equal_nan != 0) ? 1 : 0; });
    return result;
}
LST_EXPORT int32_t lst_equal(const Tensor* a, const Tensor* b) {
    int32_t result = -1;
    guarded([&] { result = a->equal(*b) ? 1 : 0; });
    return result;
}

// ---- optimizers: a step of every group in one call

LST_EXPORT void lst_dispose_state(OptimizerState* state) { delete state; }

LST_EXPORT int64_t lst_state_step(const OptimizerState* state) { return state->step; }
LST_EXPORT OptimizerState* lst_new_state(int64_t step) {
    auto state = new OptimizerState();
    state->step = step;
    return state;
}
// A slot of a state, null where it is undefined: the caller disposes the tensor, which is the slot itself.
LST_EXPORT Tensor* lst_state_slot(OptimizerState* state, int32_t index) {
    auto& slot = slot_of(*state, index);
    return slot.defined() ? make([&] { return slot; }) : nullptr;
}
// Defines a slot, like a parameter, with elements to be filled in; the caller disposes the tensor, which is the slot itself.
LST_EXPORT Tensor* lst_define_state_slot(OptimizerState* state, int32_t index, const Tensor* parameter) {
    return make([&] { return slot_of(*state, index) = at::empty_like(parameter->detach()); });
}

#define OPTIMIZER(name, update) \
    LST_EXPORT int32_t lst_##name##_step(const OptimizerGroup* groups, int32_t count, Tensor** parameters, OptimizerState** states) { \
        return step(groups, count, parameters, states, update); \
    }

OPTIMIZER(sgd, descend) OPTIMIZER(adam, adam<false>) OPTIMIZER(adamw, adam<true>) OPTIMIZER(rmsprop, rmsprop) OPTIMIZER(adagrad, adagrad)

// ---- random numbers, threads, devices

LST_EXPORT at::Generator* lst_generator(uint64_t seed) { return new at::Generator(at::detail::createCPUGenerator(seed)); }
LST_EXPORT at::Generator* lst_default_generator() { return new at::Generator(at::detail::getDefaultCPUGenerator()); }
LST_EXPORT void lst_dispose_generator(at::Generator* generator) { delete generator; }
LST_EXPORT uint64_t lst_generator_seed(at::Generator* generator) { return generator->current_seed(); }
LST_EXPORT void lst_set_generator_seed(at::Generator* generator, uint64_t seed) {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_current_seed(seed);
}
LST_EXPORT int32_t lst_get_num_threads() { return at::get_num_threads(); }
LST_EXPORT int32_t lst_set_num_threads(int32_t count) { return run([&] { at::set_num_threads(count); }); }
LST_EXPORT uint8_t lst_cuda_is_available() { return at::hasCUDA(); }

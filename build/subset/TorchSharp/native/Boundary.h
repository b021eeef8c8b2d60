// What every function of the C interface stands on: exceptions become messages, plain values become libtorch's.
#pragma once

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/ScalarOps.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>

#define LST_EXPORT extern "C" __attribute__((visibility("default")))

using at::Tensor;

namespace {

thread_local std::string last_error;

template <typename Body>
bool guarded(Body&& body) noexcept {
    try {
        body();
        return true;
    } catch (const c10::Error& error) {
        last_error = error.what_without_backtrace();
    } catch (const std::exception& error) {
        last_error = error.what();
    } catch (...) {
        last_error = "libtorch threw something that is not a std::exception";
    }
    return false;
}

template <typename Body>
int32_t run(Body&& body) noexcept {
    return guarded(body) ? 0 : -1;
}

template <typename Body>
Tensor* make(Body&& body) noexcept {
    Tensor* result = nullptr;
    guarded([&] {
        auto tensor = body();
        if (tensor.defined()) result = new Tensor(std::move(tensor));
        else last_error.clear();
    });
    return result;
}

enum ScalarKind : int32_t { Integer = 0, Real = 1, Boolean = 2 };

// A number as the managed side passes it: the kind matters, because type promotion depends on it.
at::Scalar scalar(int32_t kind, int64_t bits) {
    if (kind == Real) {
        double value;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    if (kind == Boolean) return bits != 0;
    return bits;
}

c10::optional<at::Scalar> scalar_or_none(int32_t kind, int64_t bits) {
    return kind < 0 ? c10::nullopt : c10::make_optional(scalar(kind, bits));
}

at::IntArrayRef dimensions(const int64_t* values, int32_t count) { return {values, static_cast<size_t>(count)}; }

at::TensorOptions options(int8_t dtype) { return at::TensorOptions(static_cast<at::ScalarType>(dtype)); }

c10::optional<at::ScalarType> type_or_none(int32_t dtype) {
    return dtype < 0 ? c10::nullopt : c10::make_optional(static_cast<at::ScalarType>(dtype));
}

c10::optional<at::Generator> generator_or_default(const at::Generator* generator) {
    return generator ? c10::make_optional(*generator) : c10::nullopt;
}

c10::optional<c10::string_view> rounding(int32_t mode) {
    if (mode == 1) return c10::string_view("trunc");
    if (mode == 2) return c10::string_view("floor");
    return c10::nullopt;
}

// A factor of the tensor's own type gives the same product and spares libtorch a conversion that costs more than the product.
void multiply(Tensor& t, const at::Scalar& factor) {
    const auto type = t.scalar_type();
    if (type == at::kFloat || type == at::kDouble) t.mul_(at::detail::scalar_tensor_static(factor, type, at::kCPU));
    else t.mul_(factor);
}

}  // namespace

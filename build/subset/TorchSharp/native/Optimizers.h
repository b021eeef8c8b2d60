// What a step of each optimizer does to a parameter. The order of operations is that of TorchSharp and of torch.optim, so that the results
// are the same bits; where the two differ, it is TorchSharp's.
#pragma once

#include "Boundary.h"

#include <cmath>

namespace {

// The options of a parameter group; each optimizer reads its own.
struct OptimizerGroup {
    double lr, weight_decay, momentum, dampening, beta1, beta2, alpha, eps, lr_decay, initial_accumulator_value;
    int32_t nesterov, amsgrad, centered, maximize, count;
};

// What an optimizer knows of a parameter since its first step with a gradient. Undefined is what has not been needed yet.
struct OptimizerState {
    int64_t step = 0;
    Tensor velocity, average, square, largest_square, scratch, number;
};

// What a state file holds of a state, in this order.
constexpr int32_t kept_slots = 4;

Tensor& slot_of(OptimizerState& state, int32_t index) {
    Tensor* slots[kept_slots] = {&state.velocity, &state.average, &state.square, &state.largest_square};
    return *slots[index];
}

// parameters has a handle for each parameter of each group in turn. states has a slot for each, null before its first step with a
// gradient, then a state that the caller disposes.
template <typename Update>
int32_t step(const OptimizerGroup* groups, int32_t group_count, Tensor** parameters, OptimizerState** states, Update update) {
    return run([&] {
        // Costs less than running through autograd to be told to trace nothing; versions, by which graphs notice a change, still count.
        at::AutoDispatchBelowAutograd untraced;
        for (auto group = groups; group < groups + group_count; group++) {
            for (auto i = 0; i < group->count; i++, parameters++, states++) {
                const auto& gradient = (*parameters)->grad();
                if (!gradient.defined()) continue;
                if (!*states) *states = new OptimizerState();
                (*states)->step++;
                update(*group, **parameters, gradient, **states);
            }
        }
    });
}

Tensor decayed(const OptimizerGroup& group, const Tensor& parameter, const Tensor& gradient) {
    return group.weight_decay != 0 ? gradient.add(parameter, group.weight_decay) : gradient;
}

Tensor ascending(const OptimizerGroup& group, const Tensor& gradient) { return group.maximize ? gradient.neg() : gradient; }

Tensor& zeros_at_first(Tensor& slot, const Tensor& parameter) { return slot.defined() ? slot : slot = at::zeros_like(parameter); }

Tensor& scratch_like(const Tensor& parameter, OptimizerState& state) {
    return state.scratch.defined() ? state.scratch : state.scratch = at::empty_like(parameter);
}

// The same results as with the number itself, for which libtorch makes a tensor at each call, in a quarter of the time.
// No graph may keep it: it is the same tensor for every number.
const Tensor& as_tensor(double value, const Tensor& parameter, OptimizerState& state) {
    auto& number = state.number;
    if (!number.defined()) number = at::empty({}, parameter.options());
    if (number.scalar_type() == at::kFloat) *number.data_ptr<float>() = static_cast<float>(value);
    else if (number.scalar_type() == at::kDouble) *number.data_ptr<double>() = value;
    else number.fill_(value);
    return number;
}

Tensor& average_of(Tensor& average, const Tensor& value, double kept, OptimizerState& state) {
    return zeros_at_first(average, value).mul_(as_tensor(kept, value, state)).add_(value, 1 - kept);
}

Tensor& average_of_square(Tensor& average, const Tensor& value, double kept, OptimizerState& state) {
    return zeros_at_first(average, value).mul_(as_tensor(kept, value, state)).addcmul_(value, value, 1 - kept);
}

// TorchSharp turns the rate's sign round for maximize, and with it that of the weight decay; torch.optim only the gradient's.
void descend(const OptimizerGroup& group, Tensor& parameter, const Tensor& raw, OptimizerState& state) {
    auto gradient = decayed(group, parameter, raw);
    if (group.momentum != 0) {
        auto& velocity = state.velocity;
        if (!velocity.defined()) velocity = gradient.clone();
        else velocity.mul_(as_tensor(group.momentum, velocity, state)).add_(gradient, 1 - group.dampening);
        gradient = group.nesterov ? gradient.add(velocity, group.momentum) : velocity;
    }
    parameter.add_(gradient, group.maximize ? group.lr : -group.lr);
}

// Decoupled is AdamW: the weights decay by themselves, not through the gradient.
template <bool Decoupled>
void adam(const OptimizerGroup& group, Tensor& parameter, const Tensor& raw, OptimizerState& state) {
    auto gradient = ascending(group, raw);
    if (!Decoupled) gradient = decayed(group, parameter, gradient);
    else if (group.weight_decay != 0) parameter.mul_(as_tensor(1 - group.lr * group.weight_decay, parameter, state));

    const auto& average = average_of(state.average, gradient, group.beta1, state);
    const auto& square = average_of_square(state.square, gradient, group.beta2, state);
    if (group.amsgrad) {
        TORCH_CHECK(state.step == 1 || state.largest_square.defined(), "amsgrad must be set before the first step");
        auto& largest = zeros_at_first(state.largest_square, parameter);
        at::maximum_out(largest, largest, square);
    }

    const auto correction1 = 1 - std::pow(group.beta1, state.step);
    const auto correction2 = 1 - std::pow(group.beta2, state.step);
    auto& denominator = at::sqrt_out(scratch_like(parameter, state), group.amsgrad ? state.largest_square : square);
    denominator.div_(as_tensor(std::sqrt(correction2), parameter, state));
    denominator.add_(as_tensor(group.eps, parameter, state));
    parameter.addcdiv_(average, denominator, -(group.lr / correction1));
}

void rmsprop(const OptimizerGroup& group, Tensor& parameter, const Tensor& raw, OptimizerState& state) {
    const auto gradient = decayed(group, parameter, ascending(group, raw));
    const auto& square = average_of_square(state.square, gradient, group.alpha, state);
    auto& denominator = scratch_like(parameter, state);
    if (group.centered) {
        const auto& average = average_of(state.average, gradient, group.alpha, state);
        at::addcmul_out(denominator, square, average, average, -1).sqrt_();
    } else {
        at::sqrt_out(denominator, square);
    }
    denominator.add_(as_tensor(group.eps, parameter, state));
    if (group.momentum > 0) {
        auto& velocity = zeros_at_first(state.velocity, parameter);
        velocity.mul_(as_tensor(group.momentum, parameter, state)).addcdiv_(gradient, denominator);
        parameter.add_(velocity, -group.lr);
    } else {
        parameter.addcdiv_(gradient, denominator, -group.lr);
    }
}

void adagrad(const OptimizerGroup& group, Tensor& parameter, const Tensor& raw, OptimizerState& state) {
    const auto gradient = decayed(group, parameter, raw);
    if (!state.square.defined()) state.square = at::full_like(parameter, group.initial_accumulator_value);
    state.square.addcmul_(gradient, gradient, 1);
    auto& denominator = at::sqrt_out(scratch_like(parameter, state), state.square);
    denominator.add_(as_tensor(group.eps, parameter, state));
    parameter.addcdiv_(gradient, denominator, -(group.lr / (1 + (state.step - 1) * group.lr_decay)));
}

}  // namespace

#nullable enable annotations
using System;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Native.RequiresGrad(Handle) != 0;
            set => InPlace(Native.SetRequiresGrad(Handle, value ? (byte)1 : (byte)0));
        }

        public bool is_leaf => Native.IsLeaf(Handle) != 0;

        // Each reading makes a tensor to dispose; the memory is the gradient's own.
        public Tensor? grad
        {
            get
            {
                var result = Native.Grad(Handle);
                if (result == 0 && Native.LastError.Length > 0) Native.Throw();
                GC.KeepAlive(this);
                return result == 0 ? null : new Tensor(result);
            }
            set => InPlace(Native.SetGrad(Handle, value is null ? 0 : value.Handle), value);
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor detach() => Make(Native.Detach(Handle), this);

        public void backward() => InPlace(Native.Backward(Handle));
    }

    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_grad_enabled() => Native.IsGradEnabled() != 0;

    public static bool is_inference_mode_enabled() => Native.IsInferenceModeEnabled() != 0;

    // Both modes belong to the thread: dispose where they were made.
    private sealed class GradMode : IDisposable
    {
        private readonly byte _before = Native.IsGradEnabled();

        internal GradMode(bool enabled) => Native.SetGradEnabled(enabled ? (byte)1 : (byte)0);

        public void Dispose() => Native.SetGradEnabled(_before);
    }

    private sealed class InferenceMode : IDisposable
    {
        private nint _guard;

        internal InferenceMode(bool mode) => _guard = Native.InferenceMode(mode ? (byte)1 : (byte)0);

        public void Dispose()
        {
            if (_guard != 0) Native.EndInferenceMode(_guard);
            _guard = 0;
        }
    }
}

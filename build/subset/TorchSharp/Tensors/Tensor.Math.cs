using System;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public Tensor add(Tensor target) => add(target, One);
        public Tensor add(Tensor target, Scalar alpha) => Make(Native.Add(Handle, target.Handle, alpha.Kind, alpha.Bits), this, target);
        public Tensor add(Scalar scalar) => add(scalar, One);
        public Tensor add(Scalar scalar, Scalar alpha) =>
            Make(Native.AddScalar(Handle, scalar.Kind, scalar.Bits, alpha.Kind, alpha.Bits), this);
        public Tensor add_(Tensor target) => add_(target, One);
        public Tensor add_(Tensor target, Scalar alpha) => InPlace(Native.Add_(Handle, target.Handle, alpha.Kind, alpha.Bits), target);
        public Tensor add_(Scalar scalar) => add_(scalar, One);
        public Tensor add_(Scalar scalar, Scalar alpha) =>
            InPlace(Native.AddScalar_(Handle, scalar.Kind, scalar.Bits, alpha.Kind, alpha.Bits));

        public Tensor sub(Tensor target) => Make(Native.Sub(Handle, target.Handle), this, target);
        public Tensor sub(Scalar target) => Make(Native.SubScalar(Handle, target.Kind, target.Bits), this);
        public Tensor sub_(Tensor target) => InPlace(Native.Sub_(Handle, target.Handle), target);
        public Tensor sub_(Scalar target) => InPlace(Native.SubScalar_(Handle, target.Kind, target.Bits));

        public Tensor mul(Tensor target) => Make(Native.Mul(Handle, target.Handle), this, target);
        public Tensor mul(Scalar target) => Make(Native.MulScalar(Handle, target.Kind, target.Bits), this);
        public Tensor mul_(Tensor target) => InPlace(Native.Mul_(Handle, target.Handle), target);
        public Tensor mul_(Scalar target) => InPlace(Native.MulScalar_(Handle, target.Kind, target.Bits));

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Make(Native.Div(Handle, target.Handle, (int)rounding_mode), this, target);
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Make(Native.DivScalar(Handle, target.Kind, target.Bits, (int)rounding_mode), this);
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            InPlace(Native.Div_(Handle, target.Handle, (int)rounding_mode), target);
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            InPlace(Native.DivScalar_(Handle, target.Kind, target.Bits, (int)rounding_mode));

        public Tensor pow(Tensor exponent) => Make(Native.Pow(Handle, exponent.Handle), this, exponent);
        public Tensor pow(Scalar exponent) => Make(Native.PowScalar(Handle, exponent.Kind, exponent.Bits), this);
        public Tensor pow_(Tensor exponent) => InPlace(Native.Pow_(Handle, exponent.Handle), exponent);
        public Tensor pow_(Scalar exponent) => InPlace(Native.PowScalar_(Handle, exponent.Kind, exponent.Bits));

        public Tensor neg() => Make(Native.Neg(Handle), this);
        public Tensor neg_() => InPlace(Native.Neg_(Handle));
        public Tensor abs() => Make(Native.Abs(Handle), this);
        public Tensor abs_() => InPlace(Native.Abs_(Handle));
        public Tensor sign() => Make(Native.Sign(Handle), this);
        public Tensor sign_() => InPlace(Native.Sign_(Handle));
        public Tensor sqrt() => Make(Native.Sqrt(Handle), this);
        public Tensor sqrt_() => InPlace(Native.Sqrt_(Handle));
        public Tensor square() => Make(Native.Square(Handle), this);

        // Null is no bound.
        public Tensor clamp(Scalar min = null, Scalar max = null) =>
            Make(Native.Clamp(Handle, KindOrNone(min), min?.Bits ?? 0, KindOrNone(max), max?.Bits ?? 0), this);
        public Tensor clamp_(Scalar min = null, Scalar max = null) =>
            InPlace(Native.Clamp_(Handle, KindOrNone(min), min?.Bits ?? 0, KindOrNone(max), max?.Bits ?? 0));
        public Tensor clamp_min(Scalar min) => clamp(min);
        public Tensor clamp_min_(Scalar min) => clamp_(min);
        public Tensor clamp_max(Scalar max) => clamp(max: max);
        public Tensor clamp_max_(Scalar max) => clamp_(max: max);

        public Tensor eq(Tensor target) => Make(Native.Eq(Handle, target.Handle), this, target);
        public Tensor eq(Scalar target) => Make(Native.EqScalar(Handle, target.Kind, target.Bits), this);
        public Tensor ne(Tensor target) => Make(Native.Ne(Handle, target.Handle), this, target);
        public Tensor ne(Scalar target) => Make(Native.NeScalar(Handle, target.Kind, target.Bits), this);

        public Tensor mm(Tensor target) => Make(Native.Mm(Handle, target.Handle), this, target);
        public Tensor mv(Tensor target) => Make(Native.Mv(Handle, target.Handle), this, target);
        public Tensor matmul(Tensor target) => Make(Native.MatMul(Handle, target.Handle), this, target);
        public Tensor dot(Tensor target) => Make(Native.Dot(Handle, target.Handle), this, target);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Make(Native.AddMm(Handle, mat1.Handle, mat2.Handle, beta, alpha), this, mat1, mat2);
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            InPlace(Native.AddMm_(Handle, mat1.Handle, mat2.Handle, beta, alpha), mat1, mat2);
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) =>
            Make(Native.AddMv(Handle, mat.Handle, vec.Handle, beta, alpha), this, mat, vec);
        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) =>
            InPlace(Native.AddMv_(Handle, mat.Handle, vec.Handle, beta, alpha), mat, vec);

        public Tensor sum(ScalarType? type = null) => Make(Native.Sum(Handle, TypeOrNone(type)), this);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);
        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1], keepdim, type);
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => sum(dim.AsSpan(), keepdim, type);
        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null)
        {
            fixed (long* start = dim)
                return Make(Native.Sum(Handle, start, dim.Length, keepdim ? (byte)1 : (byte)0, TypeOrNone(type)), this);
        }

        public Tensor mean() => Make(Native.Mean(Handle), this);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null)
        {
            fixed (long* start = dimensions)
                return Make(Native.Mean(Handle, start, dimensions.Length, keepdim ? (byte)1 : (byte)0, TypeOrNone(type)), this);
        }

        public Tensor norm(float p = 2) => Make(Native.Norm(Handle, p), this);
        public Tensor norm(int dim, bool keepdim = false, float p = 2) =>
            Make(Native.Norm(Handle, dim, keepdim ? (byte)1 : (byte)0, p), this);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Make(Native.Softmax(Handle, dim, TypeOrNone(dtype)), this);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Make(Native.LogSoftmax(Handle, dim, TypeOrNone(dtype)), this);

        public bool allclose(Tensor target, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false)
        {
            var result = Native.AllClose(Handle, target.Handle, rtol, atol, equal_nan ? (byte)1 : (byte)0);
            InPlace(result, target);
            return result > 0;
        }

        private static int KindOrNone(Scalar scalar) => scalar?.Kind ?? -1;

        private static int TypeOrNone(ScalarType? type) => type is { } given ? (int)given : -1;
    }
}

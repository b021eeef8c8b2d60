using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

internal static unsafe partial class Native
{
    // One operand
    [LibraryImport(Library, EntryPoint = "lst_neg")] internal static partial nint Neg(nint t);
    [LibraryImport(Library, EntryPoint = "lst_abs")] internal static partial nint Abs(nint t);
    [LibraryImport(Library, EntryPoint = "lst_sign")] internal static partial nint Sign(nint t);
    [LibraryImport(Library, EntryPoint = "lst_square")] internal static partial nint Square(nint t);
    [LibraryImport(Library, EntryPoint = "lst_sqrt")] internal static partial nint Sqrt(nint t);
    [LibraryImport(Library, EntryPoint = "lst_neg_")] internal static partial int Neg_(nint t);
    [LibraryImport(Library, EntryPoint = "lst_abs_")] internal static partial int Abs_(nint t);
    [LibraryImport(Library, EntryPoint = "lst_sign_")] internal static partial int Sign_(nint t);
    [LibraryImport(Library, EntryPoint = "lst_sqrt_")] internal static partial int Sqrt_(nint t);

    // Two tensors
    [LibraryImport(Library, EntryPoint = "lst_add")] internal static partial nint Add(nint a, nint b, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_sub")] internal static partial nint Sub(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_mul")] internal static partial nint Mul(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_div")] internal static partial nint Div(nint a, nint b, int rounding);
    [LibraryImport(Library, EntryPoint = "lst_pow")] internal static partial nint Pow(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_eq")] internal static partial nint Eq(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_ne")] internal static partial nint Ne(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_add_")] internal static partial int Add_(nint a, nint b, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_sub_")] internal static partial int Sub_(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_mul_")] internal static partial int Mul_(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_div_")] internal static partial int Div_(nint a, nint b, int rounding);
    [LibraryImport(Library, EntryPoint = "lst_pow_")] internal static partial int Pow_(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_allclose")]
    internal static partial int AllClose(nint a, nint b, double rtol, double atol, byte equalNaN);
    [LibraryImport(Library, EntryPoint = "lst_equal")] internal static partial int Equal(nint a, nint b);

    // A tensor and a number
    [LibraryImport(Library, EntryPoint = "lst_add_scalar")]
    internal static partial nint AddScalar(nint a, int kind, long bits, int alphaKind, long alphaBits);
    [LibraryImport(Library, EntryPoint = "lst_sub_scalar")] internal static partial nint SubScalar(nint a, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_rsub_scalar")] internal static partial nint RSubScalar(nint a, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_mul_scalar")] internal static partial nint MulScalar(nint a, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_div_scalar")]
    internal static partial nint DivScalar(nint a, int kind, long bits, int rounding);
    [LibraryImport(Library, EntryPoint = "lst_rdiv_scalar")] internal static partial nint RDivScalar(nint a, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_pow_scalar")] internal static partial nint PowScalar(nint a, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_eq_scalar")] internal static partial nint EqScalar(nint a, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_ne_scalar")] internal static partial nint NeScalar(nint a, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_add_scalar_")]
    internal static partial int AddScalar_(nint a, int kind, long bits, int alphaKind, long alphaBits);
    [LibraryImport(Library, EntryPoint = "lst_sub_scalar_")] internal static partial int SubScalar_(nint a, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_mul_scalar_")] internal static partial int MulScalar_(nint a, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_div_scalar_")]
    internal static partial int DivScalar_(nint a, int kind, long bits, int rounding);
    [LibraryImport(Library, EntryPoint = "lst_pow_scalar_")] internal static partial int PowScalar_(nint a, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_clamp")]
    internal static partial nint Clamp(nint t, int minKind, long minBits, int maxKind, long maxBits);
    [LibraryImport(Library, EntryPoint = "lst_clamp_")]
    internal static partial int Clamp_(nint t, int minKind, long minBits, int maxKind, long maxBits);

    // Products
    [LibraryImport(Library, EntryPoint = "lst_mm")] internal static partial nint Mm(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_mv")] internal static partial nint Mv(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_matmul")] internal static partial nint MatMul(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_dot")] internal static partial nint Dot(nint a, nint b);
    [LibraryImport(Library, EntryPoint = "lst_addmm")] internal static partial nint AddMm(nint t, nint a, nint b, float beta, float alpha);
    [LibraryImport(Library, EntryPoint = "lst_addmm_")] internal static partial int AddMm_(nint t, nint a, nint b, float beta, float alpha);
    [LibraryImport(Library, EntryPoint = "lst_addmv")] internal static partial nint AddMv(nint t, nint a, nint b, float beta, float alpha);
    [LibraryImport(Library, EntryPoint = "lst_addmv_")] internal static partial int AddMv_(nint t, nint a, nint b, float beta, float alpha);
    [LibraryImport(Library, EntryPoint = "lst_linear")] internal static partial nint Linear(nint input, nint weight, nint bias);

    // Reductions
    [LibraryImport(Library, EntryPoint = "lst_sum")] internal static partial nint Sum(nint t, int dtype);
    [LibraryImport(Library, EntryPoint = "lst_sum_dim")]
    internal static partial nint Sum(nint t, long* dim, int count, byte keep, int dtype);
    [LibraryImport(Library, EntryPoint = "lst_mean")] internal static partial nint Mean(nint t);
    [LibraryImport(Library, EntryPoint = "lst_mean_dim")]
    internal static partial nint Mean(nint t, long* dim, int count, byte keep, int dtype);
    [LibraryImport(Library, EntryPoint = "lst_norm")] internal static partial nint Norm(nint t, float p);
    [LibraryImport(Library, EntryPoint = "lst_norm_dim")] internal static partial nint Norm(nint t, long dim, byte keep, float p);
    [LibraryImport(Library, EntryPoint = "lst_softmax")] internal static partial nint Softmax(nint t, long dim, int dtype);
    [LibraryImport(Library, EntryPoint = "lst_log_softmax")] internal static partial nint LogSoftmax(nint t, long dim, int dtype);
    [LibraryImport(Library, EntryPoint = "lst_mse_loss")] internal static partial nint MseLoss(nint input, nint target, long reduction);
}

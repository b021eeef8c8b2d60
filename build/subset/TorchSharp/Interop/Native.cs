using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp.Interop;

// The C interface of native/LrSchedulingTorch.cpp: handles in, handles out. Null or -1 means failure; LastError says why.
// Questions that take nanoseconds skip the GC transition; everything that computes, allocates or may wait does not.
internal static unsafe partial class Native
{
    private const string Library = NativeLoader.Library;

    [LibraryImport(Library, EntryPoint = "lst_last_error")] private static partial byte* LastErrorText();

    internal static string LastError => Marshal.PtrToStringUTF8((nint)LastErrorText());

    internal static void Throw() => throw new ExternalException(LastError);

    // Tensors come and go
    [LibraryImport(Library, EntryPoint = "lst_dispose")] internal static partial void Dispose(nint t);
    [LibraryImport(Library, EntryPoint = "lst_empty")] internal static partial nint Empty(long* size, int count, sbyte dtype);
    [LibraryImport(Library, EntryPoint = "lst_full")]
    internal static partial nint Full(long* size, int count, int kind, long bits, sbyte dtype);
    [LibraryImport(Library, EntryPoint = "lst_rand")] internal static partial nint Rand(long* size, int count, nint generator, sbyte dtype);
    [LibraryImport(Library, EntryPoint = "lst_randn")]
    internal static partial nint Randn(long* size, int count, nint generator, sbyte dtype);
    [LibraryImport(Library, EntryPoint = "lst_from_memory")]
    internal static partial nint FromMemory(
        void* data, long* size, int count, sbyte dtype, delegate* unmanaged<nint, void> release, nint owner);

    // What a tensor is
    [LibraryImport(Library, EntryPoint = "lst_dim"), SuppressGCTransition] internal static partial long Dim(nint t);
    [LibraryImport(Library, EntryPoint = "lst_numel"), SuppressGCTransition] internal static partial long Numel(nint t);
    [LibraryImport(Library, EntryPoint = "lst_dtype"), SuppressGCTransition] internal static partial sbyte Dtype(nint t);
    [LibraryImport(Library, EntryPoint = "lst_element_size"), SuppressGCTransition] internal static partial long ElementSize(nint t);
    [LibraryImport(Library, EntryPoint = "lst_is_contiguous"), SuppressGCTransition] internal static partial byte IsContiguous(nint t);
    [LibraryImport(Library, EntryPoint = "lst_is_leaf"), SuppressGCTransition] internal static partial byte IsLeaf(nint t);
    [LibraryImport(Library, EntryPoint = "lst_requires_grad"), SuppressGCTransition] internal static partial byte RequiresGrad(nint t);
    [LibraryImport(Library, EntryPoint = "lst_data"), SuppressGCTransition] internal static partial void* Data(nint t);
    [LibraryImport(Library, EntryPoint = "lst_sizes"), SuppressGCTransition] internal static partial void Sizes(nint t, long* sizes);
    [LibraryImport(Library, EntryPoint = "lst_strides"), SuppressGCTransition] internal static partial void Strides(nint t, long* strides);

    // Autograd
    [LibraryImport(Library, EntryPoint = "lst_set_requires_grad")] internal static partial int SetRequiresGrad(nint t, byte value);
    [LibraryImport(Library, EntryPoint = "lst_backward")] internal static partial int Backward(nint t);
    [LibraryImport(Library, EntryPoint = "lst_grad")] internal static partial nint Grad(nint t);
    [LibraryImport(Library, EntryPoint = "lst_set_grad")] internal static partial int SetGrad(nint t, nint grad);
    [LibraryImport(Library, EntryPoint = "lst_zero_grad")] internal static partial int ZeroGrad(nint t);
    [LibraryImport(Library, EntryPoint = "lst_detach")] internal static partial nint Detach(nint t);
    [LibraryImport(Library, EntryPoint = "lst_is_grad_enabled"), SuppressGCTransition] internal static partial byte IsGradEnabled();
    [LibraryImport(Library, EntryPoint = "lst_set_grad_enabled"), SuppressGCTransition]
    internal static partial void SetGradEnabled(byte enabled);
    [LibraryImport(Library, EntryPoint = "lst_inference_mode")] internal static partial nint InferenceMode(byte enabled);
    [LibraryImport(Library, EntryPoint = "lst_end_inference_mode")] internal static partial void EndInferenceMode(nint mode);
    [LibraryImport(Library, EntryPoint = "lst_is_inference_mode_enabled"), SuppressGCTransition]
    internal static partial byte IsInferenceModeEnabled();

    // Views and copies
    [LibraryImport(Library, EntryPoint = "lst_narrow")] internal static partial nint Narrow(nint t, long dim, long start, long length);
    [LibraryImport(Library, EntryPoint = "lst_view")] internal static partial nint View(nint t, long* shape, int count);
    [LibraryImport(Library, EntryPoint = "lst_reshape")] internal static partial nint Reshape(nint t, long* shape, int count);
    [LibraryImport(Library, EntryPoint = "lst_transpose")] internal static partial nint Transpose(nint t, long dim0, long dim1);
    [LibraryImport(Library, EntryPoint = "lst_t")] internal static partial nint T(nint t);
    [LibraryImport(Library, EntryPoint = "lst_permute")] internal static partial nint Permute(nint t, long* order, int count);
    [LibraryImport(Library, EntryPoint = "lst_unsqueeze")] internal static partial nint Unsqueeze(nint t, long dim);
    [LibraryImport(Library, EntryPoint = "lst_squeeze")] internal static partial nint Squeeze(nint t);
    [LibraryImport(Library, EntryPoint = "lst_squeeze_dim")] internal static partial nint Squeeze(nint t, long dim);
    [LibraryImport(Library, EntryPoint = "lst_index_select")] internal static partial nint IndexSelect(nint t, long dim, nint index);
    [LibraryImport(Library, EntryPoint = "lst_index_add")]
    internal static partial nint IndexAdd(nint t, long dim, nint index, nint source, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_index_add_")]
    internal static partial int IndexAdd_(nint t, long dim, nint index, nint source, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_alias")] internal static partial nint Alias(nint t);
    [LibraryImport(Library, EntryPoint = "lst_clone")] internal static partial nint Clone(nint t);
    [LibraryImport(Library, EntryPoint = "lst_contiguous")] internal static partial nint Contiguous(nint t);
    [LibraryImport(Library, EntryPoint = "lst_to_type")]
    internal static partial nint ToType(nint t, sbyte dtype, byte nonBlocking, byte copy);
    [LibraryImport(Library, EntryPoint = "lst_copy_")] internal static partial int Copy_(nint t, nint source, byte nonBlocking);
    [LibraryImport(Library, EntryPoint = "lst_zero_")] internal static partial int Zero_(nint t);
    [LibraryImport(Library, EntryPoint = "lst_fill_")] internal static partial int Fill_(nint t, int kind, long bits);
    [LibraryImport(Library, EntryPoint = "lst_uniform_")] internal static partial int Uniform_(nint t, double from, double to);

    // Random numbers, threads, devices
    [LibraryImport(Library, EntryPoint = "lst_generator")] internal static partial nint Generator(ulong seed);
    [LibraryImport(Library, EntryPoint = "lst_default_generator")] internal static partial nint DefaultGenerator();
    [LibraryImport(Library, EntryPoint = "lst_dispose_generator")] internal static partial void DisposeGenerator(nint generator);
    [LibraryImport(Library, EntryPoint = "lst_generator_seed")] internal static partial ulong GeneratorSeed(nint generator);
    [LibraryImport(Library, EntryPoint = "lst_set_generator_seed")]
    internal static partial void SetGeneratorSeed(nint generator, ulong seed);
    [LibraryImport(Library, EntryPoint = "lst_get_num_threads")] internal static partial int GetNumThreads();
    [LibraryImport(Library, EntryPoint = "lst_set_num_threads")] internal static partial int SetNumThreads(int count);
    [LibraryImport(Library, EntryPoint = "lst_cuda_is_available")] internal static partial byte CudaIsAvailable();
}

using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

internal static unsafe partial class Native
{
    [LibraryImport(Library, EntryPoint = "lst_sgd_step")]
    internal static partial int SgdStep(OptimizerGroup* groups, int count, nint* parameters, nint* states);
    [LibraryImport(Library, EntryPoint = "lst_adam_step")]
    internal static partial int AdamStep(OptimizerGroup* groups, int count, nint* parameters, nint* states);
    [LibraryImport(Library, EntryPoint = "lst_adamw_step")]
    internal static partial int AdamWStep(OptimizerGroup* groups, int count, nint* parameters, nint* states);
    [LibraryImport(Library, EntryPoint = "lst_rmsprop_step")]
    internal static partial int RMSPropStep(OptimizerGroup* groups, int count, nint* parameters, nint* states);
    [LibraryImport(Library, EntryPoint = "lst_adagrad_step")]
    internal static partial int AdagradStep(OptimizerGroup* groups, int count, nint* parameters, nint* states);
    [LibraryImport(Library, EntryPoint = "lst_dispose_state")] internal static partial void DisposeState(nint state);

    // A state has this many tensors that a later step reads.
    internal const int KeptSlots = 4;

    [LibraryImport(Library, EntryPoint = "lst_state_step")] internal static partial long StateStep(nint state);
    [LibraryImport(Library, EntryPoint = "lst_new_state")] internal static partial nint NewState(long step);
    [LibraryImport(Library, EntryPoint = "lst_state_slot")] internal static partial nint StateSlot(nint state, int index);
    [LibraryImport(Library, EntryPoint = "lst_define_state_slot")] internal static partial nint DefineStateSlot(nint state, int index, nint parameter);

    // The options of a parameter group under the names of Optimizers.h; each optimizer sets its own, and the others are not read.
    [StructLayout(LayoutKind.Sequential)]
    internal struct OptimizerGroup
    {
        internal double LearningRate, WeightDecay, Momentum, Dampening, Beta1, Beta2, Alpha, Epsilon, LearningRateDecay, InitialAccumulator;
        internal int Nesterov, AmsGrad, Centered, Maximize, Count;
    }
}

using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// The blocks of weights that a minibatch of sparse rows concerns: of millions of features, those few whose weights a step changes.
/// </summary>
internal sealed class TouchedBlocks
{
    private readonly int _shift;
    private readonly bool[] _isTouched;
    private readonly int[] _blocks;
    private int _count;

    public TouchedBlocks(FusedLayout layout)
    {
        // The weights of sixteen features stand in one vector, or those of one feature in some.
        _shift = layout.IsVector ? int.Log2(AlignedArray.Lanes) : 0;
        _isTouched = new bool[(layout.Features >> _shift) + 1];
        _blocks = new int[_isTouched.Length];
    }

    /// <summary>The blocks, each once, in the order in which they were met.</summary>
    public ReadOnlySpan<int> Blocks => _blocks.AsSpan(0, _count);

    /// <summary>Adds the blocks of the features of a row.</summary>
    public void Add(ReadOnlySpan<int> features)
    {
        foreach (var feature in features)
        {
            ref var isTouched = ref _isTouched[feature >> _shift];
            if (isTouched) continue;
            isTouched = true;
            _blocks[_count++] = feature >> _shift;
        }
    }

    /// <summary>Begins a new minibatch.</summary>
    public void Clear()
    {
        foreach (var block in Blocks) _isTouched[block] = false;
        _count = 0;
    }
}

using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The rows of a source in random order: each comes from a pool that is refilled from the source as rows leave it.</summary>
internal sealed class ShuffleView(IDataView source, int seed, int poolSize, bool shuffleSource) : IDataView
{
    public bool CanShuffle => true;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        // Without a caller's random numbers each pass is in the same order.
        rand ??= new Random(seed);
        var active = ColumnSet.Of(Schema, columnsNeeded);
        var sourceRand = shuffleSource && source.CanShuffle ? new Random(rand.Next()) : null;
        return new Cursor(source.GetRowCursor(active.Columns(Schema), sourceRand), active, rand, poolSize);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RowCursorBase
    {
        private readonly DataViewRowCursor _input;
        private readonly Random _rand;
        private readonly PooledColumn[] _columns;
        private readonly PooledColumn<DataViewRowId> _ids;
        private readonly int[] _slots;
        private int _count;
        private int _current = -1;

        internal Cursor(DataViewRowCursor input, ColumnSet active, Random rand, int poolSize) : base(input.Schema, active)
        {
            (_input, _rand) = (input, rand);
            _slots = [.. Enumerable.Range(0, poolSize)];
            _ids = new(input.GetIdGetter(), poolSize);
            _columns = new PooledColumn[input.Schema.Count];
            foreach (var column in active.Columns(input.Schema))
                _columns[column.Index] = Generic.Call(Pool<int>, column.Type.RawType, input, column, poolSize);
            while (_count < poolSize && Load(_slots[_count]))
                _count++;
        }

        private protected override bool MoveNextCore()
        {
            // The row that was current leaves its slot to the next of the source, or once that has ended, to the pool's last.
            if (_current >= 0 && !Load(_slots[_current]))
            {
                _count--;
                (_slots[_current], _slots[_count]) = (_slots[_count], _slots[_current]);
            }
            _current = _count == 0 ? -1 : _rand.Next(_count);
            return _count > 0;
        }

        private bool Load(int slot)
        {
            if (!_input.MoveNext())
                return false;
            _ids.Load(slot);
            foreach (var column in _columns)
                column?.Load(slot);
            return true;
        }

        private int Slot => _current >= 0 ? _slots[_current] : throw Contracts.ExceptNotOnRow();

        private protected override Delegate CreateGetter(DataViewSchema.Column column) => _columns[column.Index].CreateGetter(() => Slot);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ValueGetter<DataViewRowId>)_ids.CreateGetter(() => Slot);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _input.Dispose();
        }

        private static PooledColumn Pool<T>(DataViewRow input, DataViewSchema.Column column, int size)
            => new PooledColumn<T>(input.GetGetter<T>(column), size);
    }

    private abstract class PooledColumn
    {
        internal abstract void Load(int slot);

        internal abstract Delegate CreateGetter(Func<int> slot);
    }

    private sealed class PooledColumn<T>(ValueGetter<T> getter, int size) : PooledColumn
    {
        private readonly T[] _values = new T[size];
        private readonly ValueCopier<T> _copy = ValueCopier.For<T>();

        internal override void Load(int slot) => getter(ref _values[slot]);

        internal override Delegate CreateGetter(Func<int> slot) => (ValueGetter<T>)((ref T value) => _copy(in _values[slot()], ref value));
    }
}

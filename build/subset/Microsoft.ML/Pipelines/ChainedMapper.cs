namespace Microsoft.ML.Data;

/// <summary>Mappers of rows one after another.</summary>
internal sealed class ChainedMapper(DataViewSchema input, IRowToRowMapper[] mappers) : IRowToRowMapper
{
    public DataViewSchema InputSchema => input;

    public DataViewSchema OutputSchema => mappers.Length == 0 ? input : mappers[^1].OutputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => mappers.Length == 0 ? dependingColumns : mappers[0].GetDependencies(NeededFromEach(dependingColumns)[0]);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        var needed = NeededFromEach(activeColumns);
        for (var i = 0; i < mappers.Length; i++)
            input = mappers[i].GetRow(input, needed[i]);
        return input;
    }

    // What each mapper has to give for the last one to be able to give the columns asked of it.
    private List<DataViewSchema.Column>[] NeededFromEach(IEnumerable<DataViewSchema.Column> columns)
    {
        var needed = new List<DataViewSchema.Column>[mappers.Length];
        for (var i = mappers.Length - 1; i >= 0; i--)
        {
            needed[i] = [.. columns];
            columns = mappers[i].GetDependencies(needed[i]);
        }
        return needed;
    }
}

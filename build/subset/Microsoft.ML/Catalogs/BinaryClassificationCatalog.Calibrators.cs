using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class BinaryClassificationCatalog
{
    public CalibratorsCatalog Calibrators { get; }

    public sealed class CalibratorsCatalog : CatalogInstantiatorBase
    {
        internal CalibratorsCatalog(BinaryClassificationCatalog catalog) : base(catalog)
        {
        }

        public PlattCalibratorEstimator Platt(string labelColumnName = DefaultColumnNames.Label,
            string scoreColumnName = DefaultColumnNames.Score, string exampleWeightColumnName = null) =>
            new(Owner.Environment, labelColumnName, scoreColumnName, exampleWeightColumnName);

        public FixedPlattCalibratorEstimator Platt(double slope, double offset, string scoreColumnName = DefaultColumnNames.Score) =>
            new(Owner.Environment, slope, offset, scoreColumnName);
    }
}

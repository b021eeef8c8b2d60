using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Options and schema of the trainers by stochastic dual coordinate ascent.</summary>
public abstract class SdcaTrainerBase<TOptions, TTransformer, TModel> : StochasticTrainerBase<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
    where TOptions : SdcaTrainerBase<TOptions, TTransformer, TModel>.OptionsBase, new()
{
    public abstract class OptionsBase : TrainerInputBaseWithWeight
    {
        public float? L2Regularization;
        public float? L1Regularization;
        public int? NumberOfThreads;
        public float ConvergenceTolerance = 0.1f;
        public int? MaximumNumberOfIterations;
        public bool Shuffle = true;
        public int? ConvergenceCheckFrequency;
        public float BiasLearningRate = 0;

        private protected OptionsBase() { }

        internal virtual void Check()
        {
            Contracts.CheckUserArg(L2Regularization is null or >= 0, nameof(L2Regularization), "L2 constant must be non-negative.");
            Contracts.CheckUserArg(L1Regularization is null or >= 0, nameof(L1Regularization), "L1 threshold must be non-negative.");
            Contracts.CheckUserArg(MaximumNumberOfIterations is null or > 0, nameof(MaximumNumberOfIterations),
                "Max number of iterations must be positive.");
            Contracts.CheckUserArg(ConvergenceTolerance is > 0 and <= 1, nameof(ConvergenceTolerance),
                "Convergence tolerance must be positive and no larger than 1.");
        }
    }

    private protected SdcaTrainerBase(IHostEnvironment env, TOptions options, SchemaShape.Column label)
        : base(env.Register(nameof(SdcaTrainerBase<TOptions, TTransformer, TModel>)),
            TrainerColumns.Features(options.FeatureColumnName), label, TrainerColumns.Weight(options.ExampleWeightColumnName)) =>
        options.Check();
}

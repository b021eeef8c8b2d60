// Tells spam from other mail by words and groups of three letters: a logistic regression, beside three trainers of ML.NET's own.
//   dotnet run --project samples/SpamFilter -c Release
//   dotnet run --project samples/SpamFilter -c Release -- "Subject" "Body of a message"
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.Transforms.Text;
using SpamFilter;
using Spectre.Console;

var mlContext = new MLContext(seed: 1);
var data = mlContext.Data.LoadFromTextFile<Message>(Path.Combine(AppContext.BaseDirectory, "spam.tsv"));
var split = mlContext.Data.TrainTestSplit(data, testFraction: 0.2);

var watch = Stopwatch.StartNew();
var features = mlContext.Transforms.Text.FeaturizeText(
    "Features",
    new TextFeaturizingEstimator.Options
    {
        WordFeatureExtractor = new WordBagEstimator.Options { NgramLength = 1 },
        CharFeatureExtractor = new WordBagEstimator.Options { NgramLength = 3, UseAllLengths = false },
    },
    nameof(Message.Subject), nameof(Message.Body)).Fit(split.TrainSet);
// Held in memory, so that the times below are those of the trainers.
var train = mlContext.Data.Cache(features.Transform(split.TrainSet), "Label", "Features");
var test = mlContext.Data.Cache(features.Transform(split.TestSet), "Label", "Features");
var (trained, heldOut) = (train.GetColumn<bool>("Label").Count(), test.GetColumn<bool>("Label").ToArray());
foreach (var _ in train.GetColumn<VBuffer<float>>("Features")) continue;
var width = ((VectorDataViewType)train.Schema["Features"].Type).Size;
AnsiConsole.WriteLine($"{trained:N0} messages became {width:N0} features in {watch.Elapsed.TotalSeconds:F1} s.");

var trainers = mlContext.BinaryClassification.Trainers;
var ours = trainers.TorchLogisticRegression(new TorchLogisticRegressionTrainer.Options
{
    LearningRateSchedule = LrSchedule.CosineAnnealingLR(tMax: 10),
    NumberOfEpochs = 10,
    Seed = 1,
});
var table = new Table().Border(TableBorder.Rounded)
    .Title($"{heldOut.Length:N0} messages held out, {heldOut.Count(isSpam => isSpam):N0} of them spam").AddColumn("Trainer");
foreach (var heading in new[] { "AUC", "Accuracy", "Fit, s" }) table.AddColumn(new TableColumn(heading).RightAligned());
// The first fit compiles: that is not what is compared.
ours.Fit(mlContext.Data.TakeRows(train, 200));
var model = Fit("TorchLogisticRegression, cosine", ours);
Fit("SdcaLogisticRegression", trainers.SdcaLogisticRegression());
Fit("AveragedPerceptron", trainers.AveragedPerceptron(numberOfIterations: 10));
Fit("LbfgsLogisticRegression", trainers.LbfgsLogisticRegression());
AnsiConsole.Write(table);

// Slots are named after what they count.
VBuffer<ReadOnlyMemory<char>> names = default;
train.Schema["Features"].GetSlotNames(ref names);
var words = names.DenseValues().Zip(model.Model.SubModel.Weights)
    .Where(pair => pair.First.Span.StartsWith("Word.")).Select(pair => (Word: $"{pair.First[5..]}", Weight: pair.Second)).ToArray();
AnsiConsole.WriteLine("The words that speak for spam most: "
    + string.Join(", ", words.OrderByDescending(pair => pair.Weight).Take(20).Select(pair => pair.Word)));
AnsiConsole.WriteLine("And against it: " + string.Join(", ", words.OrderBy(pair => pair.Weight).Take(20).Select(pair => pair.Word)));

var filter = mlContext.Model.CreatePredictionEngine<Message, Verdict>(features.Append(model));
if (args is [var subject, .. var body])
{
    Judge(subject, string.Join(' ', body));
}
else
{
    Judge("Re: Lunch on Thursday?", "I think that the change broke the tests, but the build is green again. Which of them did you use?");
    Judge("You have been selected", "Dear friend, click here now to claim your free credit card offer. Money back guarantee, order today!");
    if (!Console.IsInputRedirected && !Console.IsOutputRedirected)
        while (AnsiConsole.Prompt(new TextPrompt<string>("A message of your own (empty to end):").AllowEmpty()) is { Length: > 0 } text)
            Judge("", text);
}

TTransformer Fit<TTransformer>(string name, IEstimator<TTransformer> trainer) where TTransformer : class, ITransformer
{
    var started = Stopwatch.GetTimestamp();
    var fitted = trainer.Fit(train);
    var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
    // Not all of them give probabilities.
    var metrics = mlContext.BinaryClassification.EvaluateNonCalibrated(fitted.Transform(test));
    table.AddRow(name, $"{metrics.AreaUnderRocCurve:F4}", $"{metrics.Accuracy:F4}", $"{seconds:F2}");
    return fitted;
}

void Judge(string subject, string body)
{
    var verdict = filter.Predict(new Message { Subject = subject, Body = body });
    AnsiConsole.WriteLine($"\"{subject} {body}\": {(verdict.PredictedLabel ? "spam" : "no spam")}, "
        + $"with a probability of {verdict.Probability:P0} of being spam.");
}

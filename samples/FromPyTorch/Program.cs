// Tells benign tumours from malignant ones: the training of train.py in ML.NET. docs/from-pytorch.md goes through both.
//   dotnet run --project samples/FromPyTorch -c Release [-- breast_cancer.csv [tumours.zip]]
using Microsoft.ML;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

var file = args.Length > 0 ? args[0] : Path.Combine(AppContext.BaseDirectory, "breast_cancer.csv");
var modelFile = args.Length > 1 ? args[1] : Path.Combine(Path.GetTempPath(), "tumours.zip");

var mlContext = new MLContext(seed: 1);
var tumours = mlContext.Data.LoadFromTextFile<Tumour>(file, separatorChar: ',', hasHeader: true);
var trainData = mlContext.Data.TakeRows(tumours, 426);
var testData = mlContext.Data.SkipRows(tumours, 426);

var trainer = mlContext.BinaryClassification.Trainers.TorchLogisticRegression(new TorchLogisticRegressionTrainer.Options
{
    LearningRate = 0.1,
    LearningRateSchedule = LrSchedule.StepLR(stepSize: 10, gamma: 0.3),
    NumberOfEpochs = 30,
    BatchSize = 32,
    L2Regularization = 0,
});

var model = trainer.Fit(trainData);
foreach (var epoch in model.History.Epochs)
    Console.WriteLine($"epoch {epoch.Epoch}: rate {epoch.LearningRates[0]:G4}, loss {epoch.TrainingLoss:F3}");

var metrics = mlContext.BinaryClassification.Evaluate(model.Transform(testData));
Console.WriteLine($"accuracy {metrics.Accuracy:F3}");

mlContext.Model.Save(model, trainData.Schema, modelFile);

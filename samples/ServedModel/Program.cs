// Answers for a model of samples/FromPyTorch over HTTP. It needs ML.NET, and nothing of LrScheduling.
//   dotnet run --project samples/ServedModel -c Release -- --model tumours.zip --urls http://127.0.0.1:5000
using Microsoft.ML;
using Microsoft.ML.Data;

var builder = WebApplication.CreateBuilder(args);
var modelFile = builder.Configuration["model"] ?? Path.Combine(Path.GetTempPath(), "tumours.zip");

var mlContext = new MLContext();
var model = mlContext.Model.Load(modelFile, out _);
// An engine is for one thread at a time.
using var engines = new ThreadLocal<PredictionEngine<Tumour, Verdict>>(
    () => mlContext.Model.CreatePredictionEngine<Tumour, Verdict>(model));

var app = builder.Build();
app.MapPost("/predict", (Tumour tumour) => tumour.Features is { Length: 30 }
    ? Results.Ok(engines.Value!.Predict(tumour))
    : Results.BadRequest("features must hold 30 numbers"));
app.Run();

internal sealed class Tumour
{
    [VectorType(30)]
    public float[] Features { get; set; } = [];
}

internal sealed class Verdict
{
    [ColumnName("PredictedLabel")]
    public bool Benign { get; set; }

    public float Probability { get; set; }
}

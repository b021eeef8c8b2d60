// A training loop of one's own: a small network of TorchSharp reads digits, with a schedule that drives its optimizer.
//   dotnet run --project samples/TorchLoop -c Release
using Microsoft.ML.LrScheduling.Loops;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Spectre.Console;
using TorchLoop;
using TorchSharp;
using static TorchSharp.torch.nn;

const int Epochs = 30;
const int BatchSize = 32;
const double InitialRate = 0.03;

var (training, validation) = Digits.Load(Path.Combine(AppContext.BaseDirectory, "digits.csv"));
var batches = (training.Count + BatchSize - 1) / BatchSize;
var table = new Table().Border(TableBorder.Rounded).Title($"{validation.Count} of {training.Count + validation.Count:N0} digits, held out");
table.AddColumn("Schedule").AddColumn("Steps after each");
foreach (var heading in new[] { "Last rate", "Loss (nats)", "Accuracy" }) table.AddColumn(new TableColumn(heading).RightAligned());
foreach (var schedule in new LrSchedule[]
{
    LrSchedule.ConstantLR(factor: 1),
    LrSchedule.StepLR(stepSize: 8, gamma: 0.3),
    LrSchedule.OneCycleLR(maxLr: 0.2),
    LrSchedule.ReduceLROnPlateau(factor: 0.3, patience: 3),
})
{
    var (loss, accuracy, rates) = Train(schedule.ForRun(Epochs, batches));
    table.AddRow(
        schedule.GetType().Name, $"{schedule.Interval}".ToLowerInvariant(), $"{rates[^1]:G2}", $"{loss:F4}", $"{accuracy:F4}");
    AnsiConsole.WriteLine($"{schedule.GetType().Name}: rates {string.Join(" ", rates.Select(rate => $"{rate:G2}"))}");
}

AnsiConsole.Write(table);

(double Loss, double Accuracy, double[] Rates) Train(LrSchedule schedule)
{
    torch.random.manual_seed(1);
    using var model = Sequential(Linear(64, 32), ReLU(), Linear(32, 10));
    using var criterion = CrossEntropyLoss();
    using var optimizer = Optimizer.Sgd(momentum: 0.9).ToTorch(model.parameters(), InitialRate);
    var scheduler = schedule.Drive(optimizer);
    var rates = new List<double>();
    for (var epoch = 0; ; epoch++)
    {
        model.train();
        foreach (var numbers in torch.randperm(training.Count).split(BatchSize))
        {
            using var scope = torch.NewDisposeScope();
            var batch = training.Rows(numbers);
            optimizer.zero_grad();
            var loss = criterion.forward(model.forward(batch.Pixels), batch.Labels);
            loss.backward();
            optimizer.step();
            scheduler.Advance(ScheduleInterval.Batch);
        }

        var (validationLoss, accuracy) = Validate();
        scheduler.Advance(ScheduleInterval.Epoch, _ => validationLoss);
        rates.Add(scheduler.LearningRates[0]);
        if (epoch == Epochs - 1) return (validationLoss, accuracy, [.. rates]);
    }

    (double Loss, double Accuracy) Validate()
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        model.eval();
        var scores = model.forward(validation.Pixels);
        return (criterion.forward(scores, validation.Labels).item<float>(),
            scores.argmax(1).eq(validation.Labels).sum().item<long>() / (double)validation.Count);
    }
}

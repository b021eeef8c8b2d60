using Microsoft.ML.LrScheduling.Tests.Trainers;

namespace Microsoft.ML.LrScheduling.Tests;

/// <summary>What this assembly does as a program of its own: the training that <see cref="KilledTrainingTests"/> kills.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is not [var folder, var result])
        {
            Console.Error.WriteLine("Run the tests with dotnet test. As a program this trains with checkpoints: FOLDER RESULT");
            return 1;
        }

        KilledTrainingTests.TrainAndWrite(folder, result);
        return 0;
    }
}

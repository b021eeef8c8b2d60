// A sweep on a cluster: trials train in other processes, here or on other machines. One that is killed costs nothing but time.
//   dotnet run --project samples/ClusterSweep -c Release -- all                 # Redis, two workers, a sweep, one worker killed
//   dotnet run --project samples/ClusterSweep -c Release -- worker HOST:PORT    # a worker, of the Redis there
//   dotnet run --project samples/ClusterSweep -c Release -- sweep HOST:PORT     # a sweep on the workers of the Redis there
using ClusterSweep;

switch (args)
{
    case ["worker", var redis]:
        await Worker.RunAsync(redis);
        return 0;
    case ["sweep", var redis]:
        Sweep.Run(redis, ended: null);
        return 0;
    case ["all"]:
        return Everything.Run();
    default:
        Console.Error.WriteLine("Say what to do: all, worker HOST:PORT or sweep HOST:PORT, with the address of a Redis.");
        return 1;
}

using Microsoft.Extensions.Logging;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>
/// The work of a silo: it claims trials, trains them on a separate thread, stores their results, and then reports them to the study. The
/// results are stored before they are reported, so that reported results can be read.
/// </summary>
/// <param name="grains">The grains.</param>
/// <param name="silo">The silo.</param>
/// <param name="options">The options of the worker.</param>
/// <param name="log">The log.</param>
internal sealed partial class WorkerLoop(
    IGrainFactory grains, ILocalSiloDetails silo, Extensions.Options.IOptions<LrSchedulingWorkerOptions> options, ILogger<WorkerLoop> log)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly WorkerRows _rows = new();
    private Task _loop = Task.CompletedTask;

    private string Worker => silo.SiloAddress.ToParsableString();

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(WorkerLoop), ServiceLifecycleStage.Active,
        _ =>
        {
            _loop = Task.Run(RunAsync, CancellationToken.None);
            return Task.CompletedTask;
        },
        async _ =>
        {
            await _stop.CancelAsync();
            await _loop;
        });

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Dispose();
        _rows.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var isIdle = true;
                foreach (var name in await grains.GetGrain<IStudiesGrain>(0).List())
                {
                    var study = grains.GetGrain<IStudyGrain>(name);
                    if (_stop.IsCancellationRequested || await Claim(study, name) is not { } lease) continue;
                    isIdle = false;
                    await Train(study, name, lease);
                }

                if (isIdle) await Task.Delay(Idle, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (!_stop.IsCancellationRequested)
            {
                LogUnreachable(e);
                await Task.Delay(BetweenTries, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // A study that cannot answer, such as one whose ledger cannot be read, must not keep others from their workers.
    private async Task<Lease?> Claim(IStudyGrain study, string name)
    {
        try
        {
            return await study.Claim(Worker);
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            LogStudyUnreachable(name, e);
            return null;
        }
    }

    private async Task Train(IStudyGrain study, string name, Lease lease)
    {
        if (await grains.GetBytes(GrainNames.Trials(name, lease.Batch)) is not { } trials)
        {
            // Storage has lost the trials. The client submits them again.
            await study.GiveBack(Worker);
            await Task.Delay(BetweenTries, _stop.Token);
            return;
        }

        var training = Task.Factory.StartNew(
            () => _rows.Train(lease, trials, names => Get(names).GetAwaiter().GetResult(), _stop.Token), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await RenewUntilEnd(study, lease, training);
        (byte[] Results, (int Place, byte[] State)[] States) trained;
        try
        {
            trained = await training;
        }
        catch (OperationCanceledException)
        {
            await study.GiveBack(Worker);
            return;
        }
        catch (RowsRefusedException e)
        {
            LogRefused(name, e.Message);
            await Repeat(() => study.Refuse(Worker, $"The worker {Worker} cannot train trials. {e.Message}"));
            return;
        }
        catch (Exception e)
        {
            // Lack of memory, or another failure that is not the fault of one trial.
            LogFailed(name, e);
            await Repeat(() => study.Fail(lease, $"{e.GetType().Name}: {e.Message}"));
            return;
        }

        var kept = GrainNames.Results(name, lease.Batch, lease.First, lease.Count);
        var states = trained.States.Select(state => (Kept: GrainNames.State(name, lease.Batch, state.Place), state.State)).ToArray();
        await Repeat(() => Task.WhenAll(states.Select(state => grains.PutBytes(state.Kept, state.State))));
        await Repeat(() => grains.PutBytes(kept, trained.Results));
        await Repeat(async () =>
        {
            var use = await study.Complete(lease);
            if (use != ResultUse.Counted) await grains.ClearBytes(kept);
            if (use == ResultUse.OfNobody) await Task.WhenAll(states.Select(state => grains.ClearBytes(state.Kept)));
        });
    }

    private async Task<byte[]?[]> Get(string[] names)
    {
        byte[]?[] kept = [];
        await Repeat(async () => kept = await Task.WhenAll(names.Select(grains.GetBytes)));
        return kept;
    }

    private async Task RenewUntilEnd(IStudyGrain study, Lease lease, Task training)
    {
        while (await Task.WhenAny(training, Task.Delay(options.Value.LeaseTime / 3)) != training)
            try
            {
                if (!await study.Renew(lease)) _rows.End();
            }
            catch (Exception e)
            {
                // Training continues: the lease may last until the next try, and if another worker gets the trials, its results are equal.
                LogUnreachable(e);
            }
    }

    private async Task Repeat(Func<Task> call)
    {
        while (true)
            try
            {
                await call();
                return;
            }
            catch (Exception e) when (!_stop.IsCancellationRequested)
            {
                LogUnreachable(e);
                await Task.Delay(BetweenTries, _stop.Token);
            }
    }

    [LoggerMessage(LogLevel.Information, "The cluster does not answer; the worker tries again.")]
    private partial void LogUnreachable(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The study {Study} does not answer; the worker goes on with other studies, and tries it again.")]
    private partial void LogStudyUnreachable(string study, Exception exception);

    [LoggerMessage(LogLevel.Warning, "This worker trains no trials of the study {Study}. {Reason}")]
    private partial void LogRefused(string study, string reason);

    [LoggerMessage(LogLevel.Error, "Trials of the study {Study} could not be trained.")]
    private partial void LogFailed(string study, Exception exception);
}

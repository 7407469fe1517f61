namespace AiFactory.ServiceDefaults.Loops;

/// <summary>
/// Work is claimed by writing a lease into its row; while the work goes on the lease is renewed, and every write of the work names it. So a worker that
/// was killed loses its claim after a while, and one that was only slow cannot write over its successor.
/// </summary>
/// <param name="duration">How long a claim holds unless it is renewed; it is renewed three times as often.</param>
public sealed class Leases(TimeSpan duration, TimeProvider time)
{
    public TimeSpan Duration => duration;

    /// <summary>Does the work while the lease is renewed; cancels it when the lease is lost.</summary>
    /// <param name="renew">Extends the lease to the time given; false when it is not ours any more.</param>
    /// <exception cref="LeaseLostException">Someone else has the work.</exception>
    public async Task<T> HoldAsync<T>(
        Func<DateTimeOffset, CancellationToken, Task<bool>> renew, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lost = false;
        var renewal = RenewAsync();
        try
        {
            return await work(held.Token);
        }
        catch (OperationCanceledException) when (Volatile.Read(ref lost) && !cancellationToken.IsCancellationRequested)
        {
            throw new LeaseLostException();
        }
        finally
        {
            await held.CancelAsync();
            await renewal;
        }

        async Task RenewAsync()
        {
            using var timer = new PeriodicTimer(Duration / 3, time);
            try
            {
                while (await timer.WaitForNextTickAsync(held.Token))
                {
                    if (!await TryRenewAsync())
                    {
                        Volatile.Write(ref lost, true);
                        await held.CancelAsync();
                        return;
                    }
                }
            }
            catch (OperationCanceledException)
            {
            }
        }

        async Task<bool> TryRenewAsync()
        {
            try
            {
                return await renew(time.GetUtcNow() + Duration, held.Token);
            }
            catch (Exception error) when (Loop.IsInfrastructure(error))
            {
                // The next tick tries again; if nobody took the work meanwhile it is still ours.
                return true;
            }
        }
    }
}

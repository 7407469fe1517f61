using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Sessions;

/// <summary>Counts failed sign-ins of each address in windows of a minute. What it holds is bounded: when too many addresses fail at once, all who fail wait.</summary>
internal sealed class SignInLimiter(IOptions<ConsoleOptions> options, TimeProvider time)
{
    private const int MostAddresses = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<IPAddress, Failures> _failures = new();

    /// <summary>How long this address is to wait before it fails again; null when it may now.</summary>
    public TimeSpan? Delay(IPAddress address)
    {
        Forget();
        if (_failures.Count >= MostAddresses)
        {
            return Window;
        }

        return _failures.TryGetValue(address, out var failures) && failures.Count >= options.Value.FailuresPerMinute
            ? Window - time.GetElapsedTime(failures.Since)
            : null;
    }

    public void Failed(IPAddress address) => _failures.AddOrUpdate(
        address,
        static (_, now) => new Failures(1, now),
        static (_, failures, _) => failures with { Count = failures.Count + 1 },
        time.GetTimestamp());

    private void Forget()
    {
        foreach (var (address, failures) in _failures)
        {
            if (time.GetElapsedTime(failures.Since) >= Window)
            {
                _failures.TryRemove(new KeyValuePair<IPAddress, Failures>(address, failures));
            }
        }
    }

    private sealed record Failures(int Count, long Since);
}

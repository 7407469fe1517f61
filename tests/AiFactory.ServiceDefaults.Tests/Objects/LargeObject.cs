using System.Diagnostics;
using System.Globalization;
using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.ServiceDefaults.Tests.Objects;

/// <summary>
/// A model's weights: 5 GB through the store and back, of which nothing stays in memory. <c>AIFACTORY_TEST_LARGE_OBJECT_MB</c> sets another size:
/// 512 by default, 5120 for the whole.
/// </summary>
internal static class LargeObject
{
    /// <summary>A twentieth of 5 GB: a part, buffers, and what the garbage collector has not looked at yet.</summary>
    private const long AllowedGrowth = 256L * 1024 * 1024;

    public static async Task PassThroughAsync(IObjectStore store, ITestOutputHelper? output, CancellationToken cancellationToken)
    {
        var megabytes = int.Parse(Environment.GetEnvironmentVariable("AIFACTORY_TEST_LARGE_OBJECT_MB") ?? "512", CultureInfo.InvariantCulture);
        var length = (megabytes * 1024L * 1024) + 12_345;

        // What the tests before have thrown away is not this one's.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var memory = new PeakMemory();

        var clock = Stopwatch.StartNew();
        var stored = (await store.PutAsync("large", new GeneratedStream(length), cancellationToken: cancellationToken)).EnsureStored();
        var put = clock.Elapsed;
        stored.Info.Size.ShouldBe(length);
        (await store.HeadAsync("large", cancellationToken))?.ETag.ShouldBe(stored.Info.ETag);

        clock.Restart();
        await using (var content = (await store.OpenReadAsync("large", cancellationToken: cancellationToken)).ShouldNotBeNull())
        {
            await CompareAsync(content.Stream, length, cancellationToken);
        }

        var read = clock.Elapsed;
        await using (var end = (await store.OpenReadAsync("large", new ByteRange(length - 100), cancellationToken)).ShouldNotBeNull())
        {
            var bytes = new byte[100];
            await end.Stream.ReadExactlyAsync(bytes, cancellationToken);
            bytes.ShouldBe(GeneratedStream.Bytes(length - 100, 100));
        }

        await store.DeleteAsync("large", cancellationToken);
        output?.WriteLine(
            $"{megabytes} MB: put {put.TotalSeconds:0.0} s ({megabytes / put.TotalSeconds:0} MB/s), read {read.TotalSeconds:0.0} s ({megabytes / read.TotalSeconds:0} MB/s), memory grew by {memory.Growth >> 20} MB");
        memory.Growth.ShouldBeLessThan(AllowedGrowth);
    }

    private static async Task CompareAsync(Stream stream, long length, CancellationToken cancellationToken)
    {
        var actual = new byte[256 * 1024];
        var expected = new byte[actual.Length];
        long position = 0;
        int count;
        while ((count = await stream.ReadAtLeastAsync(actual, actual.Length, throwOnEndOfStream: false, cancellationToken)) > 0)
        {
            GeneratedStream.Fill(expected.AsSpan(0, count), position);
            actual.AsSpan(0, count).SequenceEqual(expected.AsSpan(0, count)).ShouldBeTrue();
            position += count;
        }

        position.ShouldBe(length);
    }

    /// <summary>The most that the process's own memory grew, sampled: the page cache is the system's and does not count.</summary>
    private sealed class PeakMemory : IDisposable
    {
        private readonly long _before = Now();
        private readonly Timer _timer;
        private long _peak;

        public PeakMemory() => _timer = new Timer(_ => _peak = Math.Max(_peak, Now()), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));

        public long Growth => Math.Max(_peak, Now()) - _before;

        public void Dispose() => _timer.Dispose();

        private static long Now()
        {
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }
}

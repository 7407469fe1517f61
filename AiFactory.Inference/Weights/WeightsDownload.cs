using System.Buffers;
using System.Security.Cryptography;
using AiFactory.ServiceDefaults.Objects;
using Microsoft.Win32.SafeHandles;

namespace AiFactory.Inference.Weights;

/// <summary>One file on its way: several ranges at once into a partial file, hashed behind the first range that is missing.</summary>
internal sealed partial class WeightsDownload(IWeightsSource source, string key, ObjectInfo info, string partialPath, string mapPath, WeightsOptions options, TimeProvider time, ILogger logger)
{
    private const int BufferSize = 1 << 20;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly string _name = ModelUri.WithoutSecrets(key);

    private long _arrived;

    /// <summary>
    /// 1. Take up what an earlier attempt left. 2. Fetch what is missing, in order, each range by whichever connection is free. 3. Hash what is whole from the beginning, meanwhile. 4. Flush to the disk.
    /// What was written stays when it is interrupted.
    /// </summary>
    /// <returns>The SHA-256 of the whole, in hex.</returns>
    /// <exception cref="WeightsException">The object is gone, or was changed meanwhile.</exception>
    public async Task<string> FetchAsync(Action<double> progress, CancellationToken cancellationToken)
    {
        using var map = RangeMap.Open(mapPath, partialPath, info.Size, info.ETag, options.RangeBytes, out var isContinued);
        LogFetching(logger, _name, info.Size, isContinued);
        using var file = File.OpenHandle(partialPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, FileOptions.Asynchronous);
        RandomAccess.SetLength(file, info.Size);
        var whole = Enumerable.Range(0, map.Count).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        for (var range = 0; range < map.Count; range++)
        {
            if (map.IsDone(range))
            {
                whole[range].SetResult();
                _arrived += map.Length(range);
            }
        }

        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var next = -1;
        var connections = Enumerable.Range(0, Math.Min(options.Connections, Math.Max(1, map.Count))).Select(_ => GuardAsync(async token =>
        {
            for (var range = Interlocked.Increment(ref next); range < map.Count; range = Interlocked.Increment(ref next))
            {
                if (!map.IsDone(range))
                {
                    await FetchRangeAsync(file, map.Start(range), map.Length(range), progress, token);
                    map.Mark(range, file);
                    whole[range].SetResult();
                }
            }
        })).ToList();
        var hash = "";
        await Task.WhenAll([.. connections, GuardAsync(async token => hash = await HashAsync(file, map, whole, token))]);
        RandomAccess.FlushToDisk(file);
        return hash;

        // The first that fails ends the others, so that none writes when this returns.
        async Task GuardAsync(Func<CancellationToken, Task> work)
        {
            try
            {
                await work(failed.Token);
            }
            catch (Exception error) when (error is not OperationCanceledException || !failed.IsCancellationRequested)
            {
                await failed.CancelAsync();
                throw;
            }
        }
    }

    /// <summary>A connection that breaks is taken up where it broke, a bounded number of times, with growing pauses.</summary>
    private async Task FetchRangeAsync(SafeFileHandle file, long start, long length, Action<double> progress, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferSize, length));
        var done = 0L;
        try
        {
            for (var attempt = 1; done < length; attempt++)
            {
                try
                {
                    await foreach (var count in ReadAsync(start + done, length - done, buffer, cancellationToken))
                    {
                        await RandomAccess.WriteAsync(file, buffer.AsMemory(0, count), start + done, cancellationToken);
                        done += count;
                        progress((double)Interlocked.Add(ref _arrived, count) / info.Size);
                    }

                    if (done < length)
                    {
                        throw new IOException($"The connection ended {length - done} bytes early.");
                    }
                }
                catch (Exception error) when (attempt < options.Attempts && error is not WeightsException and not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
                {
                    LogBroken(logger, _name, start + done, error.Message, attempt, options.Attempts);
                    await Task.Delay(FirstPause * Math.Pow(2, attempt - 1), time, cancellationToken);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    throw new WeightsException($"The source of '{_name}' was silent for {options.IdleTimeout}, {options.Attempts} times.", WeightsFault.Unreachable);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Bytes of one connection, one buffer after another: each yields how many lie in the buffer.</summary>
    private async IAsyncEnumerable<int> ReadAsync(long start, long length, byte[] buffer, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var idle = new CancellationTokenSource(options.IdleTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        await using var content = await source.OpenReadAsync(key, new ByteRange(start, length), both.Token) ?? throw Gone(_name);
        if (content.Info.Size != info.Size || content.Info.ETag != info.ETag)
        {
            throw new WeightsException($"The object '{_name}' was changed while it was fetched.");
        }

        for (var left = length; left > 0;)
        {
            idle.CancelAfter(options.IdleTimeout);
            var count = await content.Stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), both.Token);
            if (count == 0)
            {
                yield break;
            }

            left -= count;
            yield return count;
        }
    }

    private static async Task<string> HashAsync(SafeFileHandle file, RangeMap map, TaskCompletionSource[] whole, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        for (var range = 0; range < map.Count; range++)
        {
            await whole[range].Task.WaitAsync(cancellationToken);
            for (var (at, left) = (map.Start(range), map.Length(range)); left > 0;)
            {
                var count = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), at, cancellationToken);
                if (count == 0)
                {
                    throw new IOException("The partial file became shorter while it was hashed.");
                }

                hash.AppendData(buffer, 0, count);
                at += count;
                left -= count;
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public static WeightsException Gone(string name) => new($"The object '{name}' is not in object storage.");

    [LoggerMessage(3201, LogLevel.Information, "Fetching {ObjectKey} ({Size} bytes; continued: {Resumed})")]
    private static partial void LogFetching(ILogger logger, string objectKey, long size, bool resumed);

    [LoggerMessage(3205, LogLevel.Warning, "{ObjectKey} broke off at byte {Position}: {Reason} (attempt {Attempt} of {Attempts})")]
    private static partial void LogBroken(ILogger logger, string objectKey, long position, string reason, int attempt, int attempts);
}

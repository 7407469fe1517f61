using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>
/// llama.cpp's one global log, into ours. Its callback may come from any of its threads and must not throw. What it says at INFO is our Debug:
/// it prints a page for each model. Errors are kept for the thread that loads, so that a refusal can say why.
/// </summary>
internal static unsafe partial class LlamaLog
{
    private const int Info = 2;
    private const int Warning = 3;
    private const int Error = 4;

    private static ILogger? _logger;

    [ThreadStatic]
    private static Stack<List<string>>? _captures;

    public static void Attach(ILogger logger)
    {
        Volatile.Write(ref _logger, logger);
        LlamaNative.llama_log_set(&OnMessage, null);
    }

    /// <summary>Collects the lines of this thread, at INFO and above, until <see cref="EndCapture"/>; one may lie within another, and both get what is said.</summary>
    public static void BeginCapture() => (_captures ??= []).Push([]);

    public static IReadOnlyList<string> EndCapture()
    {
        var captured = _captures is { Count: > 0 } captures ? captures.Pop() : [];
        if (_captures is { Count: > 0 } outer)
        {
            outer.Peek().AddRange(captured);
        }

        return captured;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(int level, byte* text, void* data)
    {
        try
        {
            var message = Marshal.PtrToStringUTF8((nint)text)?.Trim();
            if (string.IsNullOrEmpty(message) || message == ".")
            {
                return;
            }

            if (level is >= Info and <= Error)
            {
                if (_captures is { Count: > 0 } captures)
                {
                    captures.Peek().Add(message);
                }
            }

            var logger = Volatile.Read(ref _logger);
            if (logger is null)
            {
                return;
            }

            switch (level)
            {
                case Error: LogError(logger, message); break;
                case Warning: LogWarning(logger, message); break;
                default: LogDebug(logger, message); break;
            }
        }
#pragma warning disable CA1031 // An exception that crossed into C would end the process.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    [LoggerMessage(3001, LogLevel.Error, "llama.cpp: {Message}")]
    private static partial void LogError(ILogger logger, string message);

    [LoggerMessage(3002, LogLevel.Warning, "llama.cpp: {Message}")]
    private static partial void LogWarning(ILogger logger, string message);

    [LoggerMessage(3003, LogLevel.Debug, "llama.cpp: {Message}")]
    private static partial void LogDebug(ILogger logger, string message);
}

using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace AiFactory.ServiceDefaults.Telemetry.Logs;

/// <summary>
/// Writes what .NET's simple console formatter writes to an output that is no terminal:
/// <code>
/// info: AiFactory.Gateway.Forwarding.Forwarder[1101]
///       Replica a of deployment b gave no answer
/// </code>
/// </summary>
internal sealed class ConsoleLineLogger(string category, ConsoleLines lines) : ILogger
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _line;

    private readonly byte[] _category = Encoding.UTF8.GetBytes($": {category}[");

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var message = formatter(state, exception);
        if (exception is null && message is null)
        {
            return;
        }

        // Before the line is begun: what is asked may log itself.
        var thrown = exception?.ToString();
        var line = _line ??= new ArrayBufferWriter<byte>(512);
        line.ResetWrittenCount();
        line.Write(NameOf(logLevel));
        line.Write(_category);
        eventId.Id.TryFormat(line.GetSpan(11), out var digits, provider: CultureInfo.InvariantCulture);
        line.Advance(digits);
        line.Write("]\n"u8);
        Indent(line, message);
        Indent(line, thrown);
        lines.Add(line.WrittenSpan, hurry: logLevel >= LogLevel.Warning);
        if (line.Capacity > 64 * 1024)
        {
            _line = null;
        }
    }

    private static void Indent(ArrayBufferWriter<byte> line, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        foreach (var part in text.AsSpan().Split('\n'))
        {
            line.Write("      "u8);
            Encoding.UTF8.GetBytes(text.AsSpan(part), line);
            line.Write("\n"u8);
        }
    }

    private static ReadOnlySpan<byte> NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce"u8,
        LogLevel.Debug => "dbug"u8,
        LogLevel.Information => "info"u8,
        LogLevel.Warning => "warn"u8,
        LogLevel.Error => "fail"u8,
        _ => "crit"u8,
    };
}

namespace AiFactory.ServiceDefaults.Telemetry.Logs;

/// <summary>
/// Lines of the log on their way to the standard output: they are gathered for a moment and written together, for a write of its own costs a line more than all else. Who logs waits only
/// while more than <see cref="MostBytes"/> are not taken. What was added is written when the process ends, also by an exception; a <c>kill -9</c> or a fault of native code loses
/// the last moment's.
/// </summary>
internal sealed class ConsoleLines : IDisposable
{
    private const int MostBytes = 1 << 20;
    private const int UsualBytes = 16 * 1024;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Stream _output;
    private readonly object _lock = new(); // Monitor.Wait, which a Lock has not
    private readonly ManualResetEventSlim _hurry = new();
    private readonly Thread _writer;
    private byte[] _filled = new byte[UsualBytes];
    private byte[] _written = new byte[UsualBytes];
    private int _length;
    private bool _isOver;

    public ConsoleLines(Stream output)
    {
        _output = output;
        _writer = new Thread(Write) { IsBackground = true, Name = "Console lines" };
        _writer.Start();
        AppDomain.CurrentDomain.ProcessExit += OnEnd;
        AppDomain.CurrentDomain.UnhandledException += OnEnd;
    }

    /// <param name="hurry">Whether it is written at once, with what came before it.</param>
    public void Add(ReadOnlySpan<byte> line, bool hurry)
    {
        if (TryGather(line))
        {
            if (hurry)
            {
                _hurry.Set();
            }

            return;
        }

        // Behind the end: what came before it goes first.
        _writer.Join(Patience);
        lock (_lock)
        {
            Put(line);
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnEnd;
        AppDomain.CurrentDomain.UnhandledException -= OnEnd;
        End();
    }

    private bool TryGather(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            while (_length > 0 && _length + line.Length > MostBytes && !_isOver)
            {
                _hurry.Set();
                Monitor.Wait(_lock);
            }

            if (_isOver)
            {
                return false;
            }

            if (_filled.Length < _length + line.Length)
            {
                Array.Resize(ref _filled, Math.Max(_filled.Length * 2, _length + line.Length));
            }

            line.CopyTo(_filled.AsSpan(_length));
            var isFirst = _length == 0;
            _length += line.Length;
            if (isFirst)
            {
                Monitor.PulseAll(_lock);
            }

            return true;
        }
    }

    private void OnEnd(object? sender, EventArgs end) => End();

    private void End()
    {
        lock (_lock)
        {
            _isOver = true;
            Monitor.PulseAll(_lock);
        }

        _hurry.Set();
        _writer.Join(Patience);
    }

    private void Write()
    {
        while (true)
        {
            // 1. A line; then, for a moment, those behind it.
            lock (_lock)
            {
                while (_length == 0 && !_isOver)
                {
                    Monitor.Wait(_lock);
                }
            }

            _hurry.Wait(Moment);
            _hurry.Reset();

            // 2. All of them. Who waits for room has it now.
            int length;
            bool isLast;
            lock (_lock)
            {
                (_filled, _written) = (_written, _filled);
                (length, _length, isLast) = (_length, 0, _isOver);
                Monitor.PulseAll(_lock);
            }

            Put(_written.AsSpan(0, length));
            if (_written.Length > UsualBytes * 16)
            {
                _written = new byte[UsualBytes];
            }

            if (isLast)
            {
                return;
            }
        }
    }

    private void Put(ReadOnlySpan<byte> lines)
    {
        try
        {
            _output.Write(lines);
            _output.Flush();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The disk is full, say, and nowhere is left to say so. These lines are lost; the next are tried again, for a disk has room again.
        }
    }
}

namespace AiFactory.Hosting.Dashboard;

/// <summary>Listens to what the dashboard prints: when it is ready, and its last words when it ends.</summary>
internal sealed class DashboardOutput(Action ready)
{
    private const string Listening = "Now listening on:";
    private const int Kept = 4;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();

    public bool IsReady { get; private set; }

    public string LastWords
    {
        get
        {
            lock (_lock)
            {
                return string.Join(" | ", _lines);
            }
        }
    }

    public void Take(string line, bool isError)
    {
        bool becameReady;
        lock (_lock)
        {
            // The banner with the token is no last word.
            if (line.Trim() is { Length: > 0 } text && !text.Contains("login?t=", StringComparison.Ordinal))
            {
                _lines.Enqueue(text);
            }

            if (_lines.Count > Kept)
            {
                _lines.Dequeue();
            }

            becameReady = !IsReady && line.Contains(Listening, StringComparison.Ordinal);
            IsReady |= becameReady;
        }

        if (becameReady)
        {
            ready();
        }
    }
}

using System.Runtime.InteropServices;

namespace AiFactory.Inference.Engine.Admission;

/// <summary>
/// How many tokens each project had. The one with the fewest is next: deficit round robin with a quantum of one token, as start-time fair queueing has it (Goyal et al., 1996,
/// https://doi.org/10.1145/248156.248171). A request counts with its prompt and an answer of the usual length when it starts, and with what it really cost when it has ended.
/// </summary>
internal sealed class TokenShares
{
    /// <summary>Projects that are remembered though they have no more than the others.</summary>
    private const int Most = 256;

    private readonly Dictionary<string, long> _tokens = new(StringComparer.Ordinal);
    private long _level;

    /// <summary>Who was idle starts level with those who are served: idle time is no credit.</summary>
    public long Of(string project) => Math.Max(_level, _tokens.GetValueOrDefault(project));

    /// <summary>A project's turn has come.</summary>
    public void Start(string project, int tokens)
    {
        _level = Of(project);
        _tokens[project] = _level + tokens;
        if (_tokens.Count > Most)
        {
            foreach (var level in _tokens.Where(other => other.Value <= _level).Select(other => other.Key).ToList())
            {
                _tokens.Remove(level);
            }
        }
    }

    public void Add(string project, int tokens) => CollectionsMarshal.GetValueRefOrAddDefault(_tokens, project, out _) = Of(project) + tokens;
}

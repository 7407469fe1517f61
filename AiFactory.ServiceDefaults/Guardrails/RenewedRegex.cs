using System.Text.RegularExpressions;

namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>A regular expression that is made anew now and then: of .NET's NonBacktracking mode (10.0.12) an instance that has searched some thousands of texts misses matches that a fresh one finds.</summary>
internal sealed class RenewedRegex(string pattern, RegexOptions options, TimeSpan patience)
{
    private const int Searches = 4_000;

    private Regex _regex = new(pattern, options, patience);
    private int _left = Searches;

    public Regex Current
    {
        get
        {
            if (Interlocked.Decrement(ref _left) <= 0)
            {
                Volatile.Write(ref _regex, new Regex(pattern, options, patience));
                Volatile.Write(ref _left, Searches);
            }

            return Volatile.Read(ref _regex);
        }
    }
}

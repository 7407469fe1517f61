using System.Text.RegularExpressions;
using AiFactory.Hosting.Dashboard;

namespace AiFactory.Hosting.Orchestration;

/// <summary>
/// The line that most likely says why a process ended: the last one that is neither empty nor a part of a stack trace, rather of its
/// standard error than of its standard output. Here it is the second:
/// <code>
/// Unhandled exception. System.InvalidOperationException: The index cannot be opened.
///  ---> System.IO.IOException: No space left on device
///    at Some.Method() in File.cs:line 1
///    --- End of inner exception stack trace ---
/// </code>
/// </summary>
internal sealed partial class LastWords(SecretMask mask)
{
    private const int MaxLength = 300;

    private volatile string? _output;
    private volatile string? _error;

    public void Hear(string line, bool isError)
    {
        if (string.IsNullOrWhiteSpace(line) || StackTrace().IsMatch(line))
        {
            return;
        }

        if (isError)
        {
            _error = line;
        }
        else
        {
            _output = line;
        }
    }

    /// <summary>A sentence to append to another, without secrets; empty when nothing was said.</summary>
    public string Sentence()
    {
        if ((_error ?? _output) is not { } line)
        {
            return "";
        }

        var text = mask.HideKnown(Control().Replace(line, "").Trim());
        return $" It last said: {(text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength), " ..."))}";
    }

    [GeneratedRegex("""^\s+(?:at |--- End of )""")]
    private static partial Regex StackTrace();

    // Colours and other control sequences of terminals.
    [GeneratedRegex("""\x1b\[[0-9;?]*[@-~]|\p{Cc}""")]
    private static partial Regex Control();
}

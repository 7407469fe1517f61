using System.Text;
using System.Text.RegularExpressions;

namespace AiFactory.ModelLibrary.Sources;

/// <summary>Which artifacts of a source may enter: a glob over names, a regular expression over tags.</summary>
internal sealed class SourceRules
{
    private const int MaximumLength = 500;

    /// <summary>A pattern is a tenant's own program: it gets this long per match.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(100);

    private readonly Regex? _name;
    private readonly Regex? _tag;

    private SourceRules(Regex? name, Regex? tag)
    {
        _name = name;
        _tag = tag;
    }

    /// <exception cref="ArgumentException">A pattern is not valid; stored ones are, they were checked.</exception>
    internal static SourceRules Create(string? namePattern, string? tagFilter) => new(
        namePattern is null ? null : new Regex(GlobToRegex(namePattern), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, MatchTimeout),
        tagFilter is null ? null : new Regex(tagFilter, RegexOptions.CultureInvariant, MatchTimeout));

    internal static string? RefuseNamePattern(string pattern) => pattern.Length switch
    {
        0 => "Leave the name pattern out to let in every name; an empty one matches none.",
        > MaximumLength => $"At most {MaximumLength} characters.",
        _ => null,
    };

    internal static string? RefuseTagFilter(string filter)
    {
        if (filter.Length is 0 or > MaximumLength)
        {
            return filter.Length == 0 ? "Leave the tag filter out to let in every tag." : $"At most {MaximumLength} characters.";
        }

        try
        {
            _ = new Regex(filter, RegexOptions.CultureInvariant, MatchTimeout);
            return null;
        }
        catch (RegexParseException error)
        {
            return $"Not a regular expression: {error.Message}";
        }
    }

    /// <exception cref="SourceException">The tag filter took too long.</exception>
    internal bool Allow(SourceArtifact artifact)
    {
        try
        {
            return (_name?.IsMatch(artifact.Model) ?? true) && (_tag?.IsMatch(artifact.Tag) ?? true);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new SourceException($"The tag filter takes longer than {MatchTimeout.TotalMilliseconds:0} ms on the tag '{artifact.Tag}': simplify it.");
        }
    }

    /// <summary><c>**</c> is any run of characters, <c>*</c> any but <c>/</c>, <c>?</c> one but <c>/</c>.</summary>
    private static string GlobToRegex(string glob)
    {
        var regex = new StringBuilder(@"\A");
        for (var index = 0; index < glob.Length; index++)
        {
            switch (glob[index])
            {
                case '*' when index + 1 < glob.Length && glob[index + 1] == '*':
                    regex.Append("(?s:.*)");
                    index++;
                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                default:
                    regex.Append(Regex.Escape(glob[index].ToString()));
                    break;
            }
        }

        return regex.Append(@"\z").ToString();
    }
}

namespace AiFactory.Builder.Knowledge.Chunking;

/// <summary>The titles that a place in a document stands under.</summary>
internal sealed class HeadingPath
{
    private const string Separator = " > ";

    private readonly List<(int Level, string Text)> _titles = [];

    /// <summary>With the nearest title.</summary>
    internal string Whole { get; private set; } = "";

    /// <summary>Without it: for a passage that begins with that title itself.</summary>
    internal string Above { get; private set; } = "";

    internal void Enter(int level, string text)
    {
        _titles.RemoveAll(title => title.Level >= level);
        Above = string.Join(Separator, _titles.Select(title => title.Text));
        _titles.Add((level, text));
        Whole = string.Join(Separator, _titles.Select(title => title.Text));
    }
}

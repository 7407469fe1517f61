using System.Collections.Frozen;

namespace AiFactory.ModelLibrary.Sources;

/// <summary>The kinds of sources that there are.</summary>
internal sealed class SourceConnectors(IEnumerable<ISourceConnector> connectors)
{
    private readonly FrozenDictionary<string, ISourceConnector> _byKind = connectors.ToFrozenDictionary(connector => connector.Kind, StringComparer.Ordinal);

    internal IEnumerable<string> Kinds => _byKind.Keys.Order(StringComparer.Ordinal);

    internal ISourceConnector? Find(string? kind) => kind is null ? null : _byKind.GetValueOrDefault(kind);
}

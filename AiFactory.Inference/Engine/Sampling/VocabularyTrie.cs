using System.Runtime.CompilerServices;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>
/// The texts of a model's tokens, in bytes, as a tree in which tokens that begin alike share their beginning: what may follow is asked once for all of them.
/// In the order of a walk through it, so that a part of the tree is passed over by a jump.
/// </summary>
internal sealed class VocabularyTrie
{
    private const int LongestPiece = 1024;

    private static readonly ConditionalWeakTable<LlamaModel, VocabularyTrie> OfModels = [];

    private readonly byte[][] _pieces;
    private readonly byte[] _bytes;
    private readonly ushort[] _depths;
    private readonly int[] _ends;
    private readonly int[] _firstTokens;
    private readonly int[] _nextTokens;

    /// <param name="pieces">By token; empty for one that stands for no text.</param>
    public VocabularyTrie(byte[][] pieces)
    {
        _pieces = pieces;
        _nextTokens = new int[pieces.Length];
        var (bytes, depths, firsts) = (new List<byte>(), new List<ushort>(), new List<int>());
        byte[] previous = [];
        foreach (var token in Enumerable.Range(0, pieces.Length).Where(token => pieces[token].Length > 0).OrderBy(token => pieces[token], ByBytes))
        {
            var piece = pieces[token];
            for (var depth = piece.AsSpan().CommonPrefixLength(previous) + 1; depth <= piece.Length; depth++)
            {
                bytes.Add(piece[depth - 1]);
                depths.Add((ushort)depth);
                firsts.Add(-1);
            }

            // Sorted, so its node is the last one. Several tokens may have one text.
            _nextTokens[token] = firsts[^1];
            firsts[^1] = token;
            previous = piece;
        }

        (_bytes, _depths, _firstTokens) = ([.. bytes], [.. depths], [.. firsts]);
        _ends = new int[_bytes.Length];
        var open = new Stack<int>();
        for (var node = 0; node <= _bytes.Length; node++)
        {
            while (open.Count > 0 && (node == _bytes.Length || _depths[open.Peek()] >= _depths[node]))
            {
                _ends[open.Pop()] = node;
            }

            if (node < _bytes.Length)
            {
                open.Push(node);
            }
        }

        Depth = _depths.Length == 0 ? 0 : _depths.Max();
    }

    /// <summary>Bytes of the longest text.</summary>
    public int Depth { get; }

    private static Comparer<byte[]> ByBytes { get; } = Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));

    /// <summary>The model's own, made when it is asked for first.</summary>
    public static VocabularyTrie Of(LlamaModel model) => OfModels.GetValue(model, Read);

    public int Tokens => _pieces.Length;

    public ReadOnlySpan<byte> Piece(int token) => _pieces[token];

    /// <summary>Calls <paramref name="found"/> for each token whose bytes can all be gone, one after the other, from <paramref name="start"/>.</summary>
    /// <param name="advance">Null where a byte cannot follow.</param>
    public void Walk<TState>(TState start, Func<TState, byte, TState?> advance, Action<int> found)
        where TState : class
    {
        var path = new TState[Depth + 1];
        path[0] = start;
        for (var node = 0; node < _bytes.Length;)
        {
            var depth = _depths[node];
            if (advance(path[depth - 1], _bytes[node]) is not { } next)
            {
                node = _ends[node];
                continue;
            }

            path[depth] = next;
            for (var token = _firstTokens[node]; token >= 0; token = _nextTokens[token])
            {
                found(token);
            }

            node++;
        }
    }

    private static VocabularyTrie Read(LlamaModel model)
    {
        var pieces = new byte[model.VocabularySize][];
        Span<byte> piece = stackalloc byte[LongestPiece];
        for (var token = 0; token < pieces.Length; token++)
        {
            pieces[token] = piece[..Math.Max(0, model.GetPiece(token, piece))].ToArray();
        }

        return new VocabularyTrie(pieces);
    }
}

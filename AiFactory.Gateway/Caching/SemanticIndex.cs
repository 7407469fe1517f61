using System.Numerics;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Caching;

/// <summary>Questions that were answered, as vectors of length 1, by all that was asked around them: only within one of these are two ever compared. It is this process's own.</summary>
internal sealed class SemanticIndex(IOptions<CachingOptions> options)
{
    /// <summary>All of them are compared with a question: 1,000 vectors of 1,000 numbers take a third of a millisecond.</summary>
    private const int MostOfOne = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<CacheKey, LinkedListNode<Scope>> _byKey = [];

    /// <summary>The last used stands first.</summary>
    private readonly LinkedList<Scope> _byUse = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>The answers to questions that are near enough, the nearest first.</summary>
    public IReadOnlyList<CacheKey> Near(CacheKey scope, float[] vector, double threshold)
    {
        (float[] Vector, CacheKey Answer)[] questions;
        lock (_lock)
        {
            if (!_byKey.TryGetValue(scope, out var node))
            {
                return [];
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            questions = [.. node.Value.Questions];
        }

        return [.. questions.Select(one => (one.Answer, Cosine: Dot(one.Vector, vector))).Where(one => one.Cosine >= threshold).OrderByDescending(one => one.Cosine).Select(one => one.Answer)];
    }

    public void Add(CacheKey scope, float[] vector, CacheKey answer)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(scope, out var node))
            {
                _byKey[scope] = node = _byUse.AddFirst(new Scope(scope));
            }

            var questions = node.Value.Questions;
            _count -= questions.RemoveAll(one => one.Answer == answer);
            questions.Add((vector, answer));
            _count++;
            if (questions.Count > MostOfOne)
            {
                questions.RemoveAt(0);
                _count--;
            }

            // The oldest question of what was asked about longest ago.
            while (_count > options.Value.SemanticQuestions && _byUse.Last is { } last)
            {
                RemoveAt_NeedsLock(last, 0);
            }
        }
    }

    /// <summary>The answer is gone.</summary>
    public void Remove(CacheKey scope, CacheKey answer)
    {
        lock (_lock)
        {
            if (_byKey.TryGetValue(scope, out var node) && node.Value.Questions.FindIndex(one => one.Answer == answer) is var at and >= 0)
            {
                RemoveAt_NeedsLock(node, at);
            }
        }
    }

    /// <summary>To length 1; null where it has none.</summary>
    public static float[]? Normalize(float[] vector)
    {
        var length = MathF.Sqrt(Dot(vector, vector));
        return float.IsFinite(length) && length > 0 ? Array.ConvertAll(vector, number => number / length) : null;
    }

    public static float Dot(float[] one, float[] other)
    {
        if (one.Length != other.Length)
        {
            return 0;
        }

        var (sums, i) = (Vector<float>.Zero, 0);
        for (; i <= one.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            sums += new Vector<float>(one, i) * new Vector<float>(other, i);
        }

        var sum = Vector.Sum(sums);
        for (; i < one.Length; i++)
        {
            sum += one[i] * other[i];
        }

        return sum;
    }

    private void RemoveAt_NeedsLock(LinkedListNode<Scope> node, int at)
    {
        node.Value.Questions.RemoveAt(at);
        _count--;
        if (node.Value.Questions.Count == 0)
        {
            _byUse.Remove(node);
            _byKey.Remove(node.Value.Key);
        }
    }

    private sealed class Scope(CacheKey key)
    {
        public CacheKey Key => key;

        /// <summary>The oldest first.</summary>
        public List<(float[] Vector, CacheKey Answer)> Questions { get; } = [];
    }
}

namespace AiFactory.Inference.Engine.Admission;

/// <summary>How fast an engine has worked of late, and so how long what waits will take. Written by the engine's thread, read by all.</summary>
internal sealed class Throughput
{
    /// <summary>The last fifty steps count for most of it.</summary>
    private const double Kept = 0.98;

    private const double AnswerKept = 0.9;

    private double _tokens;
    private double _seconds;
    private double _perSecond;
    private double _answer = 64;

    /// <summary>Tokens computed in a second, of prompts and of answers; 0 before the first step.</summary>
    public double TokensPerSecond => Volatile.Read(ref _perSecond);

    /// <summary>Tokens of an answer, on the average.</summary>
    public int MeanAnswer => (int)Math.Ceiling(Volatile.Read(ref _answer));

    public void Stepped(int tokens, TimeSpan took)
    {
        _tokens = (Kept * _tokens) + tokens;
        _seconds = (Kept * _seconds) + took.TotalSeconds;
        Volatile.Write(ref _perSecond, _seconds > 0 ? _tokens / _seconds : 0);
    }

    public void Answered(int tokens) => Volatile.Write(ref _answer, (AnswerKept * _answer) + ((1 - AnswerKept) * tokens));

    /// <summary>When to come again while so many tokens wait: whole seconds from 1 to 60.</summary>
    public TimeSpan RetryAfter(long tokens) =>
        TimeSpan.FromSeconds(TokensPerSecond is > 0 and var perSecond ? Math.Clamp(Math.Ceiling(tokens / perSecond), 1, 60) : 1);
}

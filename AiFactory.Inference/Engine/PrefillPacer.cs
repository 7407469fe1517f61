namespace AiFactory.Inference.Engine;

/// <summary>
/// How many tokens of prompts a step may compute while answers are written: each of them makes all answers wait. By a setting; else by what steps have taken, so that the time between
/// two tokens keeps to a target, or prompts get as much time as the answers where these alone take longer.
/// </summary>
/// <param name="setting">0 measures.</param>
/// <param name="capacity">Tokens of a batch.</param>
internal sealed class PrefillPacer(int setting, TimeSpan target, int capacity)
{
    /// <summary>Fewer cost nearly as much: the weights are read once for all.</summary>
    private const int Least = 32;

    private const double Weight = 0.2;

    private double? _secondsOfAnswers;
    private double? _secondsPerToken;

    /// <summary>Tokens of prompts for the next step while an answer is written.</summary>
    public int Tokens => Math.Min(capacity, setting > 0 ? setting : Measured);

    private int Measured
    {
        get
        {
            if (_secondsPerToken is not > 0)
            {
                return Math.Max(Least, capacity / 4);
            }

            var answers = _secondsOfAnswers ?? 0;
            return (int)Math.Clamp(Math.Max(target.TotalSeconds - answers, answers) / _secondsPerToken.Value, Least, Math.Max(Least, capacity));
        }
    }

    /// <summary>How long so many tokens of prompts take, by what steps have taken; zero before the first.</summary>
    public TimeSpan TimeOf(long tokens) => TimeSpan.FromSeconds(Math.Min(3600, tokens * (_secondsPerToken ?? 0)));

    public void Stepped(int promptTokens, int answerTokens, TimeSpan took)
    {
        if (promptTokens == 0)
        {
            _secondsOfAnswers = Mean(_secondsOfAnswers, took.TotalSeconds);
        }
        else
        {
            // A step with prompts that takes no longer than answers alone did says that fewer are written now, and of prompts nothing.
            if (answerTokens > 0 && _secondsOfAnswers >= took.TotalSeconds)
            {
                _secondsOfAnswers = took.TotalSeconds;
                return;
            }

            var answers = answerTokens == 0 ? 0 : _secondsOfAnswers ?? 0;
            _secondsPerToken = Mean(_secondsPerToken, (took.TotalSeconds - answers) / promptTokens);
        }
    }

    private static double Mean(double? before, double now) => before is { } old ? old + (Weight * (now - old)) : now;
}

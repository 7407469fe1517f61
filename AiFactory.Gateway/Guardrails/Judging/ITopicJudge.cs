using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>How models of one task judge.</summary>
internal interface ITopicJudge
{
    /// <summary>Whether any of the windows is about a topic of the rule.</summary>
    Task<TopicVerdict> JudgeAsync(TopicRule rule, Deployment judge, JudgedTexts texts, Questioner by);
}

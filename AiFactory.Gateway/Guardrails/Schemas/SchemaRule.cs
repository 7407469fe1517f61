using System.Text;
using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.OpenAI;
using AiFactory.ServiceDefaults.Schemas;

namespace AiFactory.Gateway.Guardrails.Schemas;

/// <summary>A rule of what answers are: JSON that fits a schema.</summary>
internal sealed class SchemaRule(RuleIdentity identity, JsonSchema schema)
{
    /// <summary>Bytes of one answer; a longer one cannot be told.</summary>
    public const int Largest = 4 * 1024 * 1024;

    private const string NoJson = "$ is no JSON";

    public RuleIdentity Identity => identity;

    /// <summary>The texts of a whole answer.</summary>
    /// <returns>What the client is told in place of the answer; null where it passes.</returns>
    /// <exception cref="GuardrailException">The schema could not be followed to its end.</exception>
    /// <exception cref="JsonException">It is none that can be looked into.</exception>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public static OpenAIError? LookAtAnswer(ReadOnlyMemory<byte> answer, Guarding guarding)
    {
        if (guarding.Policy.Schemas.Length == 0)
        {
            return null;
        }

        using var document = JsonDocument.Parse(answer, new JsonDocumentOptions { MaxDepth = 256 });
        foreach (var text in AnswerContents.Of(document.RootElement))
        {
            if (Look(Encoding.UTF8.GetBytes(text), guarding) is { } stopped)
            {
                return stopped;
            }
        }

        return null;
    }

    /// <summary>One text that has come to its end.</summary>
    /// <exception cref="GuardrailException">The schema could not be followed to its end.</exception>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public static OpenAIError? Look(ReadOnlyMemory<byte> text, Guarding guarding)
    {
        using var read = text.Length > Largest ? null : new SchemaRun(text, guarding.SchemaWork);
        foreach (var rule in guarding.Policy.Schemas)
        {
            if (rule.Fault(read) is { } fault && rule.Find(fault, guarding) is { } stopped)
            {
                return stopped;
            }
        }

        return null;
    }

    /// <summary>A text of which it is known already that it is no JSON.</summary>
    public static OpenAIError? LookAtNoJson(Guarding guarding)
    {
        foreach (var rule in guarding.Policy.Schemas)
        {
            if (rule.Find(NoJson, guarding) is { } stopped)
            {
                return stopped;
            }
        }

        return null;
    }

    private OpenAIError? Find(string fault, Guarding guarding)
    {
        guarding.Findings.Add(identity);
        return identity.Action == GuardrailActions.Block ? guarding.Stop(identity, GuardrailError.OfAnswer(identity, fault)) : null;
    }

    /// <param name="text">Null where it is too long.</param>
    private string? Fault(SchemaRun? text)
    {
        try
        {
            return text is null ? "$ is longer than any that is looked at" : schema.Fault(text);
        }
        catch (TimeoutException slow)
        {
            throw new GuardrailException(identity, slow);
        }
    }
}

using System.Globalization;
using AiFactory.Contracts;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Admission;
using AiFactory.Inference.OpenAI;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Generations;

/// <summary>When a request gets its turn: by its caller's project, the body's <c>priority</c> or the objective in a header, and the time to the first token that it asks for.
/// Below 0 only who runs deployments may ask: anybody else would take all slots from the other projects.</summary>
internal sealed class RequestTermsReader(IOptions<EngineOptions> options)
{
    /// <summary>Beyond it nobody would ever be aged enough.</summary>
    private const int MostPriority = 100;

    private const double MostMilliseconds = 24 * 60 * 60 * 1000;

    /// <param name="priority">The body's, which counts before the header's.</param>
    public OpenAIError? Read(HttpContext http, int? priority, out RequestTerms terms)
    {
        var headers = http.Request.Headers;
        var caller = http.GetIdentity();
        var asked = priority ?? options.Value.Objectives.GetValueOrDefault(headers[WireHeaders.Objective].ToString().Trim());
        terms = new RequestTerms(caller.Project ?? "", caller.Has(Permissions.DeploymentsWrite) ? asked : Math.Max(0, asked));
        if (headers[WireHeaders.FirstTokenMilliseconds].ToString() is { Length: > 0 } text)
        {
            if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) || milliseconds is not (> 0 and <= MostMilliseconds))
            {
                return OpenAIError.Invalid($"The header {WireHeaders.FirstTokenMilliseconds} is a number of milliseconds above 0, one day at most.", WireHeaders.FirstTokenMilliseconds);
            }

            terms = terms with { Patience = TimeSpan.FromMilliseconds(milliseconds) };
        }

        return GenerationParametersReader.Between(priority, -MostPriority, MostPriority, "priority");
    }
}

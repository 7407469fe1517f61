using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Routing;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Metering;

/// <summary>What tokens cost. It is the gateway's own setting; a record keeps its cost and the version of the table, so that a new price changes no past.</summary>
internal sealed class PriceTable
{
    private readonly FrozenDictionary<(string Project, string Deployment), PriceOptions> _ofProject;
    private readonly FrozenDictionary<string, PriceOptions> _ofDeployment;
    private readonly FrozenDictionary<string, PriceOptions> _ofModel;

    public PriceTable(IOptions<PricingOptions> options)
    {
        var prices = options.Value.Models;
        _ofProject = prices.Where(price => price is { Deployment: not null, Project: not null }).ToFrozenDictionary(price => (price.Project ?? "", price.Deployment ?? ""));
        _ofDeployment = prices.Where(price => price is { Deployment: not null, Project: null }).ToFrozenDictionary(price => price.Deployment ?? "", StringComparer.Ordinal);
        _ofModel = prices.Where(price => price.Model is not null).ToFrozenDictionary(price => price.Model ?? "", StringComparer.Ordinal);
        Currency = options.Value.Currency;
        Json = JsonSerializer.Serialize(prices, UsageJson.Default.IListPriceOptions);
        Version = prices.Count == 0 ? null : Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{Currency} {Json}")))[..12];
    }

    /// <summary>Changes with any price; null while there is none.</summary>
    public string? Version { get; }

    public string Currency { get; }

    public string Json { get; }

    private const decimal Millionths = 1_000_000;

    /// <summary>In millionths of the currency; null where nothing has a price or nothing was counted.</summary>
    public long? CostOf(Deployment deployment, TokenUsage? usage)
    {
        if (Version is null || usage is not { } counted || Find(deployment) is not { } price)
        {
            return null;
        }

        // A price for a million tokens, in units, is that of one token in millionths.
        var input = Math.Min(counted.Input ?? 0, TokenUsage.Most);
        var cached = Math.Min(counted.Cached ?? 0, input);
        var cost = ((input - cached) * price.Input) + (cached * (price.CachedInput ?? price.Input)) + (Math.Min(counted.Output ?? 0, TokenUsage.Most) * price.Output) + ((counted.Images ?? 0) * price.Image * Millionths);
        return (long)decimal.Round(cost, MidpointRounding.ToEven);
    }

    private PriceOptions? Find(Deployment deployment) =>
        _ofProject.GetValueOrDefault((deployment.Project, deployment.Name))
        ?? _ofDeployment.GetValueOrDefault(deployment.Name)
        ?? _ofModel.GetValueOrDefault(deployment.Route.Model);
}

using System.Reflection;
using Microsoft.Extensions.Logging;

namespace AiFactory.Gateway.Tests.Telemetry;

public sealed class EventIdTests
{
    /// <summary>An alert stands on an id: 1403 once meant a full outbox and a bad models.yaml.</summary>
    [Fact]
    public void No_two_messages_have_the_same_event_id()
    {
        var ids = typeof(Program).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (Id: method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId, Method: $"{method.DeclaringType?.Name}.{method.Name}"))
            .Where(message => message.Id is not null)
            .ToLookup(message => message.Id, message => message.Method);

        ids.Count.ShouldBeGreaterThan(20, "the messages are found");
        ids.Where(id => id.Count() > 1).Select(id => $"{id.Key}: {string.Join(", ", id)}").ShouldBeEmpty();
    }
}

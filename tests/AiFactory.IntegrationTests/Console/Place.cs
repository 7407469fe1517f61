using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>A page of the console that is looked at.</summary>
/// <param name="Shows">A selector of what is there when the page has its data, and was not on the page before it.</param>
/// <param name="Act">What is done on the page before it is looked at.</param>
/// <param name="Expected">A status that the page is there to show, which browsers write to their console as an error.</param>
internal sealed record Place(string Name, string Path, string Shows, Func<IPage, Task>? Act = null, int? Expected = null);

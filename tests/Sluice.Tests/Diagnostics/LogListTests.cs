using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Sluice.Tests.Diagnostics;

[TestFixture]
public sealed class LogListTests
{
    [Test]
    public void The_guide_lists_every_message_with_its_id_level_and_words()
    {
        string[] messages =
        [
            .. typeof(SelectorManager).Assembly.GetType("Sluice.Diagnostics.Log", throwOnError: true)!
                .GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
                .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
                .OfType<LoggerMessageAttribute>()
                .OrderBy(message => message.EventId)
                .Select(message => string.Create(
                    CultureInfo.InvariantCulture, $"| {message.EventId} | `{message.EventName}` | {message.Level} | {message.Message} |")),
        ];
        string[] listed = [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "telemetry.md")).Where(line => line.Length > 2 && char.IsAsciiDigit(line[2]))];
        Assert.That(listed, Is.EqualTo(messages));
        Assert.That(messages.Select(message => message.Split('|')[1]), Is.Unique);
    }
}

using Microsoft.Extensions.Logging;

namespace Sluice.Hosting.Tests;

/// <summary>Keeps what is logged: the event's name and the message.</summary>
internal sealed class ListLoggerProvider(List<string> lines) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (lines)
        {
            lines.Add($"{eventId.Name}: {formatter(state, exception)}");
        }
    }

    public void Dispose()
    {
    }
}

using Microsoft.Extensions.Logging;

namespace Sluice.Tests.CrossCutting.Callbacks;

/// <summary>A log of the user's.</summary>
internal sealed class UserLogger(Action<string> onLog) : ILoggerProvider, ILogger, ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        onLog("IsEnabled");
        return true;
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        onLog(eventId.Name!);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}

using Microsoft.Extensions.Logging;

namespace Sluice.TestKit;

/// <summary>Tests that read what the manager logs.</summary>
public abstract class LoggedFixture(SelectorEngine engine) : TlsFixture(engine)
{
    private readonly CollectingLoggerProvider _logged = new();
    private ILoggerFactory? _factory;

    internal CollectingLoggerProvider Logged => _logged;

    protected override SelectorOptions Options => new() { LoggerFactory = LoggerFactory };

    protected ILoggerFactory LoggerFactory => _factory ??= _logged.CreateFactory();

    [TearDown]
    public void DisposeLog()
    {
        _factory?.Dispose();
        _logged.Dispose();
    }
}

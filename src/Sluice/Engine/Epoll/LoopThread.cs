namespace Sluice.Engine.Epoll;

/// <summary>A thread that runs loops: the one it is given, until that ends or is taken away, then perhaps another.</summary>
internal sealed class LoopThread
{
    private readonly LoopThreads _owner;
    private readonly ManualResetEventSlim _wake = new(initialState: false, spinCount: 0);
    private readonly Thread _thread;
    private EpollLoop? _loop;

    public LoopThread(LoopThreads owner)
    {
        _owner = owner;
        _thread = new Thread(Main) { IsBackground = true, Name = "Sluice loop" };
        _thread.UnsafeStart();
    }

    /// <summary>Gives it, which has none, a loop.</summary>
    public void Run(EpollLoop loop)
    {
        _loop = loop;
        _wake.Set();
    }

    /// <summary>Ends it, which has no loop, and waits for that.</summary>
    public void Dismiss()
    {
        _wake.Set();
        _thread.Join();
    }

    private void Main()
    {
        do
        {
            _wake.Wait();
            _wake.Reset();
            if (_loop is not { } loop)
            {
                break;
            }

            _loop = null;
            loop.Run();
        }
        while (_owner.TryKeep(this));

        _wake.Dispose();
    }
}

using LineWorker;

// End points and limits are in appsettings.json; the command line overrides them:
// dotnet run -- --SocketServers:lines:EndPoints:plain:Url=tcp://127.0.0.1:4000
HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddSocketServer("lines")
    .Bind(builder.Configuration.GetSection("SocketServers:lines"))
    .Handle<LineHandler>();

await builder.Build().RunAsync();

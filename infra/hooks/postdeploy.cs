// After the app is deployed: waits until it is ready, and says where it is and how to call it.
#:property PublishAot=false
#:project steps/Steps.csproj

using Pushcart.Deployment;

return await Hook.RunAsync(Deployed.RunAsync);
